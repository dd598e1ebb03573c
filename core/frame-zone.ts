/** The zone that every camera has: the whole picture. */
export const FRAME_ZONE = 'frame';
