import type { IncomingMessage } from 'node:http';
import { networkOf } from '../network.ts';
import { CallBudget } from './callBudget.ts';
import { arrivalCost, isProbe, JOIN_COST } from './requestCosts.ts';

/** A house of diners behind one address: so many times what one of them may ask. */
const NETWORK_FACTOR = 4;

export interface RequestSettings {
  requestsPerMinute: number;
  joinsPerMinute: number;
}

/** Where a token is looked at after the door. Anywhere else whoever sends one is nobody. */
const KNOWS_TOKENS = /^\/(api\/v3|matchmake)\//i;

/*
 * What callers may ask of this node (S-3), in units of what it costs (requestCosts.ts). In memory: asking Redis would cost
 * every request a round trip.
 *
 * Everything counts by the network first, at the door, before anything is read. What comes without a good login counts once
 * more there, against the limit of one caller; what comes with one, against that of its user. So the diners of a house do not
 * wait for each other, and whoever has no account cannot take more than one of them.
 *
 * Probes of a load balancer have their own share, which nothing else of their network can use up.
 */
export class RequestLimits {
  private readonly networks: CallBudget;
  private readonly strangers: CallBudget;
  private readonly users: CallBudget;
  private readonly probes: CallBudget;
  private readonly joins: CallBudget;

  constructor({ requestsPerMinute, joinsPerMinute }: RequestSettings) {
    this.networks = new CallBudget(NETWORK_FACTOR * requestsPerMinute);
    this.strangers = new CallBudget(requestsPerMinute);
    this.users = new CallBudget(requestsPerMinute);
    this.probes = new CallBudget(requestsPerMinute);
    this.joins = new CallBudget(joinsPerMinute);
  }

  /** At the door. @throws AppError RATE_LIMITED, as all of these */
  countArrival({ url = '', headers }: IncomingMessage, ip: string): void {
    const network = networkOf(ip);
    if (isProbe(url)) {
      this.probes.spend(network, 1);
      return;
    }
    const cost = arrivalCost(url);
    this.networks.spend(network, cost);
    if (headers.authorization === undefined || !KNOWS_TOKENS.test(url)) this.strangers.spend(network, cost);
  }

  /** What turned out to cost more than at the door. */
  countMore(ip: string, cost: number): void {
    if (cost > 0) this.networks.spend(networkOf(ip), cost);
  }

  /** A call that came with no login, or not a good one. */
  countStranger(ip: string, cost: number): void {
    if (cost > 0) this.strangers.spend(networkOf(ip), cost);
  }

  countUser(userId: number, cost: number): void {
    this.users.spend(String(userId), cost);
  }

  /** A join with a token that is none. */
  countStrangersJoin(ip: string): void {
    this.countStranger(ip, JOIN_COST);
  }

  /** A person joins by whatever login; a seat is worth more than what it costs to find. */
  countJoin(userId: number): void {
    this.countUser(userId, JOIN_COST);
    this.joins.spend(String(userId), 1);
  }
}
