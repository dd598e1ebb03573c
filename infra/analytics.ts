import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentName } from '../core/environment';
import type { InfraConfig } from '../core/infra-config';
import { LiveRollUps } from './live-roll-ups';
import { PrivateNetwork } from './private-network';
import type { ResourceArns } from './role';

export interface AnalyticsArgs {
  readonly config: InfraConfig;
  readonly key?: aws.kms.Key | undefined;
}

/** Settings of the functions of a time series: addresses, what their roles name, where they run. */
export interface SeriesSettings {
  readonly variables: Readonly<Partial<Record<EnvironmentName, pulumi.Input<string>>>>;
  readonly arns: ResourceArns;
  readonly network: PrivateNetwork | null;
}

/** Parts of a time series, where there is none. */
export const NO_SERIES: ResourceArns = {
  influxAdminSecret: null,
  influxWriteSecret: null,
  influxReadSecret: null,
  liveTable: null,
  liveEndpoints: null,
};

const ORGANIZATION = 'tierwatch';
const ADMINISTRATOR = 'tierwatch';
const INSTANCE_GB = 20;
const SECRET_RECOVERY_DAYS = 7;
const MEMORY_STORE_HOURS = 24 * 7;

/**
 * The time series of an environment: Timestream for InfluxDB in a network of its own, or Timestream for
 * LiveAnalytics for accounts that already have it.
 */
export class Analytics extends pulumi.ComponentResource {
  readonly settings: SeriesSettings;

  constructor(name: string, args: AnalyticsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Analytics', name, {}, options);
    this.settings =
      args.config.analytics === 'influxdb' ? this.influx(name, args) : this.live(name, args);
    this.registerOutputs({});
  }

  private influx(name: string, { config, key }: AnalyticsArgs): SeriesSettings {
    const parent = { parent: this };
    const network = new PrivateNetwork(name, parent);
    const password = aws.secretsmanager.getRandomPasswordOutput({
      passwordLength: 40,
      excludePunctuation: true,
    }).randomPassword;
    const instance = new aws.timestreaminfluxdb.DbInstance(
      name,
      {
        name,
        organization: ORGANIZATION,
        bucket: ORGANIZATION,
        username: ADMINISTRATOR,
        password: pulumi.secret(password),
        dbInstanceType: config.influxInstanceType,
        dbStorageType: 'InfluxIOIncludedT1',
        allocatedStorage: INSTANCE_GB,
        deploymentType: 'SINGLE_AZ',
        publiclyAccessible: false,
        vpcSubnetIds: network.subnetIds,
        vpcSecurityGroupIds: [network.seriesGroupId],
      },
      // A password is drawn at each run: the first one stands.
      { ...parent, ignoreChanges: ['password'], protect: config.isProtected },
    );
    const secret = (part: string): pulumi.Output<string> =>
      new aws.secretsmanager.Secret(
        `${name}-${part}`,
        {
          namePrefix: `${name}-${part}-`,
          recoveryWindowInDays: SECRET_RECOVERY_DAYS,
          ...(key ? { kmsKeyId: key.arn } : {}),
        },
        parent,
      ).arn;
    const [write, read] = [secret('write'), secret('read')];
    const admin = instance.influxAuthParametersSecretArn;
    return {
      variables: {
        timeSeries: 'influxdb',
        influxUrl: pulumi.interpolate`https://${instance.endpoint}:${instance.port}`,
        timeSeriesDatabase: ORGANIZATION,
        timeSeriesDays: String(config.analyticsDays),
        influxAdminSecret: admin,
        influxWriteSecret: write,
        influxReadSecret: read,
      },
      arns: {
        ...NO_SERIES,
        influxAdminSecret: admin,
        influxWriteSecret: write,
        influxReadSecret: read,
      },
      network,
    };
  }

  private live(name: string, { config, key }: AnalyticsArgs): SeriesSettings {
    const parent = { parent: this };
    const database = new aws.timestreamwrite.Database(
      name,
      { databaseName: name, ...(key ? { kmsKeyId: key.arn } : {}) },
      parent,
    );
    const table = new aws.timestreamwrite.Table(
      name,
      {
        databaseName: database.databaseName,
        tableName: 'segment',
        retentionProperties: {
          memoryStoreRetentionPeriodInHours: MEMORY_STORE_HOURS,
          magneticStoreRetentionPeriodInDays: config.analyticsDays,
        },
        // Rows that come later than the memory store reaches are taken too.
        magneticStoreWriteProperties: { enableMagneticStoreWrites: true },
      },
      { ...parent, protect: config.isProtected },
    );
    if (config.hasLiveRollUps) {
      new LiveRollUps(`${name}-roll-ups`, { config, key, database, table }, parent);
    }
    return {
      variables: {
        timeSeries: 'live-analytics',
        timeSeriesDatabase: database.databaseName,
        timeSeriesTable: table.tableName,
      },
      arns: { ...NO_SERIES, liveTable: table.arn, liveEndpoints: '*' },
      network: null,
    };
  }
}
