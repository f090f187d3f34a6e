/** What Kubernetes, and links of containers, tell of a service NAME: NAME_SERVICE_HOST, NAME_PORT_3306_TCP_ADDR and so on. */
const BY_NAME = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
/** NAME_PORT is told as an address, which nobody would write as a setting of ours. */
const PORT_NAME = /_PORT$/;
const PORT_VALUE = /^(tcp|udp|sctp):\/\//;

/**
 * Whether a variable was put into the environment because there is a service of that name beside: it says nothing about what
 * somebody has set, whatever it begins like.
 */
export function isServiceVariable(name: string, value = ''): boolean {
  return BY_NAME.test(name) || (PORT_NAME.test(name) && PORT_VALUE.test(value));
}
