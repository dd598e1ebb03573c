import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

const CIDR = '10.77.0.0/24';
const SUBNETS = ['10.77.0.0/26', '10.77.0.64/26'] as const;
const INFLUX_PORT = 8086;

/**
 * A network with no way out: two subnets, the time series' door and that of Secrets Manager. No NAT, no internet
 * gateway; gateway endpoints are left out, since nothing in here calls S3 or DynamoDB.
 */
export class PrivateNetwork extends pulumi.ComponentResource {
  readonly subnetIds: pulumi.Output<string>[];
  readonly functionsGroupId: pulumi.Output<string>;
  readonly seriesGroupId: pulumi.Output<string>;
  /** Functions in here reach Secrets Manager once it is there. */
  readonly secretsDoor: aws.ec2.VpcEndpoint;

  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:PrivateNetwork', name, {}, options);
    const parent = { parent: this };
    const vpc = new aws.ec2.Vpc(
      name,
      { cidrBlock: CIDR, enableDnsHostnames: true, enableDnsSupport: true },
      parent,
    );
    // Nobody should find themselves in a group that lets everything through.
    new aws.ec2.DefaultSecurityGroup(name, { vpcId: vpc.id }, parent);
    const zones = aws.getAvailabilityZonesOutput({ state: 'available' });
    const subnets = SUBNETS.map(
      (cidrBlock, index) =>
        new aws.ec2.Subnet(
          `${name}-${index}`,
          { vpcId: vpc.id, cidrBlock, availabilityZone: zones.names.apply((all) => all[index]!) },
          parent,
        ),
    );
    this.subnetIds = subnets.map(({ id }) => id);
    const group = (part: string, description: string): aws.ec2.SecurityGroup =>
      new aws.ec2.SecurityGroup(`${name}-${part}`, { vpcId: vpc.id, description }, parent);
    const functions = group('functions', 'Functions of the time series');
    const series = group('series', 'The time series');
    const doors = group('doors', 'Endpoints of AWS services');
    const { region } = aws.getRegionOutput();
    this.secretsDoor = new aws.ec2.VpcEndpoint(
      `${name}-secrets`,
      {
        vpcId: vpc.id,
        serviceName: pulumi.interpolate`com.amazonaws.${region}.secretsmanager`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: this.subnetIds,
        securityGroupIds: [doors.id],
      },
      parent,
    );
    const lets = (part: string, to: aws.ec2.SecurityGroup, port: number): void => {
      const shared = { ipProtocol: 'tcp', fromPort: port, toPort: port };
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-to-${part}`,
        { ...shared, securityGroupId: functions.id, referencedSecurityGroupId: to.id },
        parent,
      );
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-into-${part}`,
        { ...shared, securityGroupId: to.id, referencedSecurityGroupId: functions.id },
        parent,
      );
    };
    lets('series', series, INFLUX_PORT);
    lets('doors', doors, 443);
    this.functionsGroupId = functions.id;
    this.seriesGroupId = series.id;
    this.registerOutputs({});
  }
}
