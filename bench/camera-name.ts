/** Name of a camera of a made fleet: ten a site. */
export function cameraName(index: number): string {
  return `site-${String(Math.floor(index / 10)).padStart(3, '0')}/camera-${index % 10}`;
}
