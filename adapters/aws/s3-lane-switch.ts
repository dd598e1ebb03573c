import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  LANE_SWITCH_KEY,
  type LaneDecision,
  type LaneSwitchStore,
  laneDecisionSchema,
} from '../../core/lane-switch';

/** The decision as an object beside the published fleet; infra puts the first one there. */
export class S3LaneSwitch implements LaneSwitchStore {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  async read(): Promise<LaneDecision> {
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: LANE_SWITCH_KEY });
    const { Body } = await this.s3.send(command);
    return laneDecisionSchema.parse(JSON.parse(await Body!.transformToString()));
  }

  async write(decision: LaneDecision): Promise<void> {
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: LANE_SWITCH_KEY,
        Body: JSON.stringify(decision),
        ContentType: 'application/json',
      }),
    );
  }
}
