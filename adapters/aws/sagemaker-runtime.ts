import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { type ClientOptions, clientConfig } from './clients';

/** The client that invokes endpoints; it tries once: the lane's own retries know its deadline. */
export function createRuntimeClient(
  options: Omit<ClientOptions, 'maxAttempts'>,
): SageMakerRuntimeClient {
  const config = clientConfig({ ...options, maxAttempts: 1 });
  return new SageMakerRuntimeClient({ ...config, retryMode: 'standard' });
}
