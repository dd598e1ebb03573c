// What the bundled functions have instead of the SDK's chain of credentials: Lambda puts them into the environment. The seven
// other places to look in would be a tenth of each bundle.
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
