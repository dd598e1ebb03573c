import { PolicyPack } from '@pulumi/policy';
import { EXCEPTIONS } from './exceptions';
import { toPolicies } from './judge';
import { ALL_RULES } from './rules';

new PolicyPack('tierwatch', {
  description: 'Least privilege, data, cost and delivery',
  policies: toPolicies(ALL_RULES, { exceptions: EXCEPTIONS, now: () => new Date() }),
});
