import { inject } from 'vitest';
import { DynamoAlerts, DynamoHealth, DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { alertStoreContract } from '../../contracts/alert-store-contract';
import { floorStoreContract } from '../../contracts/floor-store-contract';
import { healthStoreContract } from '../../contracts/health-store-contract';
import { quarantineContract } from '../../contracts/quarantine-contract';
import { storeContract } from '../../contracts/segment-store-contract';
import { clientsAt, createTable } from './world';

const clients = clientsAt(inject('motoEndpoint'));
const close = (): void => {};
const LIFE = { quietDays: 32, evidenceDays: 60 };

const makeStore = async () => ({
  store: new DynamoStore(await createTable(clients), LIFE),
  close,
});

storeContract('DynamoDB', makeStore);
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
