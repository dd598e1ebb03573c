/** Pattern of the URNs of an environment's published fleet: what `npm run fleet:up` is limited to. */
export function fleetObjectsUrn(environment: string): string {
  return `urn:pulumi:${environment}::tierwatch::tierwatch:index:FleetConfig$aws:s3/bucketObjectv2:BucketObjectv2::**`;
}
