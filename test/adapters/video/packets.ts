import { createHash } from 'node:crypto';
import { Demuxer } from '../../../adapters/video/demuxer';
import { DEFAULT_LIMITS } from '../../../core/limits';

export interface CodedPacket {
  readonly isKeyframe: boolean;
  /** SHA-256 of its bytes. */
  readonly digest: string;
}

/** The coded packets of a video, in decoding order. */
export function packetsOf(file: string): CodedPacket[] {
  const demuxer = Demuxer.open(file, DEFAULT_LIMITS);
  try {
    const packets: CodedPacket[] = [];
    for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
      const digest = createHash('sha256').update(packet.data!).digest('hex');
      packets.push({ isKeyframe: packet.isKeyframe, digest });
    }
    return packets;
  } finally {
    demuxer.close();
  }
}
