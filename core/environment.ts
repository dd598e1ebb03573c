/** Whether a function's events are traced: Powertools' own variable, true without it. */
export const TRACE_VARIABLE = 'POWERTOOLS_TRACE_ENABLED';

/**
 * Names of the functions' environment variables: handlers read them, infra sets them. One place, so that
 * neither can drift.
 */
export const ENVIRONMENT = {
  environment: 'TIERWATCH_ENVIRONMENT',
  footageBucket: 'TIERWATCH_FOOTAGE_BUCKET',
  quarantineBucket: 'TIERWATCH_QUARANTINE_BUCKET',
  snapshotsBucket: 'TIERWATCH_SNAPSHOTS_BUCKET',
  configBucket: 'TIERWATCH_CONFIG_BUCKET',
  table: 'TIERWATCH_TABLE',
  cpuQueueUrl: 'TIERWATCH_CPU_QUEUE_URL',
  gpuQueueUrl: 'TIERWATCH_GPU_QUEUE_URL',
  /** SageMaker endpoint of the gpu lane, and the variant that is asked. */
  gpuEndpoint: 'TIERWATCH_GPU_ENDPOINT',
  gpuVariant: 'TIERWATCH_GPU_VARIANT',
  /** JSON: which variant serves a model, by its name. @default the champion serves all */
  gpuVariants: 'TIERWATCH_GPU_VARIANTS',
  /** What endpoint-power makes the endpoint of, its tags, and how it scales: JSON { min, max, target, schedules }. */
  gpuEndpointConfig: 'TIERWATCH_GPU_ENDPOINT_CONFIG',
  gpuScaling: 'TIERWATCH_GPU_SCALING',
  gpuTags: 'TIERWATCH_GPU_TAGS',
  /** on or auto: whether lane-switch decides where cameras of lane gpu run; and by what, as JSON. */
  gpuLane: 'TIERWATCH_GPU_LANE',
  gpuLaneRule: 'TIERWATCH_GPU_LANE_RULE',
  /** Another address of SageMaker's runtime, for a forwarder on loopback. */
  gpuAddress: 'TIERWATCH_GPU_ADDRESS',
  analyticsQueueUrl: 'TIERWATCH_ANALYTICS_QUEUE_URL',
  /** Firehose stream that keeps every detection. */
  detectionsStream: 'TIERWATCH_DETECTIONS_STREAM',
  /** The function that answers named queries, and its address where that is on loopback. */
  analyticsFunction: 'TIERWATCH_ANALYTICS_FUNCTION',
  lambdaAddress: 'TIERWATCH_LAMBDA_ADDRESS',
  /** Table with the roll-ups, where there is no time series. */
  rollUpTable: 'TIERWATCH_ROLL_UP_TABLE',
  /** influxdb or live-analytics: which Timestream holds the time series. */
  timeSeries: 'TIERWATCH_TIME_SERIES',
  /** Address of InfluxDB, and the secret that holds the function's own token. */
  influxUrl: 'TIERWATCH_INFLUX_URL',
  influxSecret: 'TIERWATCH_INFLUX_SECRET',
  /** What analytics-setup reads, and where it leaves the tokens that it makes. */
  influxAdminSecret: 'TIERWATCH_INFLUX_ADMIN_SECRET',
  influxWriteSecret: 'TIERWATCH_INFLUX_WRITE_SECRET',
  influxReadSecret: 'TIERWATCH_INFLUX_READ_SECRET',
  /** Days that the time series keeps a row. */
  timeSeriesDays: 'TIERWATCH_TIME_SERIES_DAYS',
  /** Database of either Timestream; LiveAnalytics has a table in it. */
  timeSeriesDatabase: 'TIERWATCH_TIME_SERIES_DATABASE',
  timeSeriesTable: 'TIERWATCH_TIME_SERIES_TABLE',
  /** Claim of a token that names the sites it may see. */
  sitesClaim: 'TIERWATCH_SITES_CLAIM',
  /** Address of page, api and footage; issuer of tokens with a sign-in form, and the page's client there. */
  pageAddress: 'TIERWATCH_PAGE_ADDRESS',
  signInIssuer: 'TIERWATCH_SIGN_IN_ISSUER',
  signInClient: 'TIERWATCH_SIGN_IN_CLIENT',
  /** JSON: each queue that feeds a function, with its dead letters, by the function's name. */
  queueDesk: 'TIERWATCH_QUEUE_DESK',
  /** Secret with the key that signs cookies for footage. */
  footageKeySecret: 'TIERWATCH_FOOTAGE_KEY_SECRET',
  retentionQueueUrl: 'TIERWATCH_RETENTION_QUEUE_URL',
  /** report or enforce. */
  retentionMode: 'TIERWATCH_RETENTION_MODE',
  /** JSON: topic ARN by notify name. */
  notifyTopics: 'TIERWATCH_NOTIFY_TOPICS',
  /** Lanes that there are, by comma. */
  lanes: 'TIERWATCH_LANES',
  /** Folder of the bundle that tiers call `default`. */
  modelFolder: 'TIERWATCH_MODEL_FOLDER',
  /** Archive of that bundle, s3://…, and its sha256: they go before the folder. */
  modelArchive: 'TIERWATCH_MODEL_ARCHIVE',
  modelSha256: 'TIERWATCH_MODEL_SHA256',
  /** Folder of further bundles by name; may be empty. */
  modelsFolder: 'TIERWATCH_MODELS_FOLDER',
  /** Days that items without and with presences live. */
  quietItemDays: 'TIERWATCH_QUIET_ITEM_DAYS',
  evidenceItemDays: 'TIERWATCH_EVIDENCE_ITEM_DAYS',
  /** Days after it landed that lifecycle removes footage, whatever was in it. */
  footageDays: 'TIERWATCH_FOOTAGE_DAYS',
  /** Child processes of one function. */
  workers: 'TIERWATCH_WORKERS',
  /** Another address than AWS's own, for stand-ins. */
  awsEndpoint: 'TIERWATCH_AWS_ENDPOINT',
} as const;
export type EnvironmentName = keyof typeof ENVIRONMENT;
