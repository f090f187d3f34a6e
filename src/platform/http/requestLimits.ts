import type { IncomingMessage } from 'node:http';
import { networkOf } from '../network.ts';
import { CallBudget } from './callBudget.ts';
import { arrivalCost, isProbe, JOIN_COST } from './requestCosts.ts';

export interface Caller {
  userId: number;
  ip: string;
}

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
 * Everything counts by the network, at the door, before anything is read. What comes without a good login counts once
 * more there, against the limit of one caller; what comes with one, against that of its user. So the diners of a house do not
 * wait for each other, and whoever has no account cannot take more than one of them. What is refused to one of them costs the
 * house nothing: they could use up its share by being refused.
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
    if (headers.authorization === undefined || !KNOWS_TOKENS.test(url)) this.countStranger(ip, cost);
  }

  /** What turned out to cost more than at the door. */
  countMore(ip: string, cost: number): void {
    if (cost > 0) this.networks.spend(networkOf(ip), cost);
  }

  /** A call that came with no login, or not a good one. */
  countStranger(ip: string, cost: number): void {
    const network = networkOf(ip);
    if (cost > 0) this.spend({ network, cost }, () => this.strangers.spend(network, cost));
  }

  countUser({ userId, ip }: Caller, cost: number): void {
    this.spend({ network: networkOf(ip), cost }, () => this.users.spend(String(userId), cost));
  }

  /** A join with a token that is none. */
  countStrangersJoin(ip: string): void {
    this.countStranger(ip, JOIN_COST);
  }

  /** A person joins by whatever login; a seat is worth more than what it costs to find. */
  countJoin(caller: Caller): void {
    this.countUser(caller, JOIN_COST);
    const network = networkOf(caller.ip);
    this.spend({ network, cost: JOIN_COST }, () => this.joins.spend(String(caller.userId), 1));
  }

  /** What has been counted for the network is given back when its caller is refused. */
  private spend({ network, cost }: { network: string; cost: number }, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.networks.giveBack(network, cost);
      throw error;
    }
  }
}
