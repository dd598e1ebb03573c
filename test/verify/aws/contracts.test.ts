import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import { DynamoAlerts, DynamoHealth, DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoDeletions } from '../../../adapters/aws/dynamo-deletions';
import { DynamoEventItems } from '../../../adapters/aws/dynamo-event-items';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { S3Snapshots } from '../../../adapters/aws/s3-snapshots';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { alertStoreContract } from '../../contracts/alert-store-contract';
import { deletionLogContract } from '../../contracts/deletion-log-contract';
import { eventItemsContract } from '../../contracts/event-items-contract';
import { floorStoreContract } from '../../contracts/floor-store-contract';
import { healthStoreContract } from '../../contracts/health-store-contract';
import { quarantineContract } from '../../contracts/quarantine-contract';
import { type Job, queueContract } from '../../contracts/queue-contract';
import { storeContract } from '../../contracts/segment-store-contract';
import { snapshotContract } from '../../contracts/snapshot-contract';
import { clientsAt, createBucket, createQueue, createTable } from './world';

const clients = clientsAt(inject('motoEndpoint'));
const close = (): void => {};
const LIFE = { quietDays: 32, evidenceDays: 60 };

const makeStore = async () => ({
  store: new DynamoStore(await createTable(clients), LIFE),
  close,
});

storeContract('DynamoDB', makeStore);
eventItemsContract(
  'DynamoDB',
  async () => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, LIFE);
    return { store, lean: new DynamoEventItems(table, store), close };
  },
  { minutes: 200, runs: 4 },
);
floorStoreContract('DynamoDB', async () => {
  const table = await createTable(clients);
  return { store: new DynamoStore(table, LIFE), close };
});
alertStoreContract('DynamoDB', async () => ({
  store: new DynamoAlerts(await createTable(clients), clients.dynamo),
  close,
}));
healthStoreContract('DynamoDB', async () => ({
  store: new DynamoHealth(await createTable(clients), 0),
  close,
}));
quarantineContract('DynamoDB', async () => ({
  store: new DynamoRejections(await createTable(clients)),
  close,
}));
deletionLogContract('DynamoDB', async () => ({
  store: new DynamoDeletions(await createTable(clients), LIFE),
  close,
}));

queueContract(
  'SQS',
  async () => {
    const { url, deadLetter } = await createQueue(clients);
    return {
      queue: new SqsQueue<Job>(clients.sqs, { url, deadLetter }),
      // moto keeps real time.
      advance: (seconds) => pause(seconds * 1000 + 50),
      visibilitySeconds: 2,
      close,
    };
  },
  'sqs',
);
snapshotContract('S3', async () => ({
  store: new S3Snapshots(clients.s3, await createBucket(clients)),
  close,
}));
