import { at, type Rule } from "../rule";

const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const routeTable = "aws:ec2/routeTable:RouteTable";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const group = "aws:ec2/securityGroup:SecurityGroup";

/** What leads out of a VPC: to the internet, or to another network that may lead there. */
const waysOut =
  /^aws:(ec2\/(carrierGateway|customerGateway|egressOnlyInternetGateway|eip|internetGateway|internetGatewayAttachment|natGateway|route|vpcPeeringConnection|vpnConnection|vpnGateway|vpnGatewayAttachment)|ec2transitgateway\/\w+|networkmanager\/vpcAttachment|directconnect\/\w+):/;

export const noInternetRoute: Rule = {
  name: "no-internet-route",
  description:
    "A VPC has no way to the internet or to other networks; its members call their endpoints and each other.",
  types: [vpc, subnet, routeTable, egress, ingress, group],
  wholeStack: true,
  judge({ type, props }, all) {
    switch (type) {
      case vpc:
        return all
          .filter((one) => waysOut.test(one.type))
          .map(({ type: kind, name }) => `can be left by ${name} (${kind}).`);
      case subnet:
        return props.mapPublicIpOnLaunch === true ? ["gives its members public addresses."] : [];
      case routeTable:
        // AWS adds those within the VPC and to gateway endpoints.
        return list(props.routes)
          .filter((route) => !/^(local$|vpce-)/.test(String(at(route, "gatewayId"))))
          .map((route) => `has a route to ${String(at(route, "cidrBlock") ?? at(route, "ipv6CidrBlock"))}.`);
      case egress:
      case ingress:
        return [props.cidrIpv4, props.cidrIpv6].filter(Boolean).map(open);
      default:
        return [...list(props.egress), ...list(props.ingress)]
          .flatMap((rule) => [...list(at(rule, "cidrBlocks")), ...list(at(rule, "ipv6CidrBlocks"))])
          .map(open);
    }
  },
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const open = (addresses: unknown) => `is open to ${String(addresses)}: name a group or a prefix list.`;
