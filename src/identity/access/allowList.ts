/** The networks that the administration may be used from (A-10). None listed: every one. */
import ipaddr from 'ipaddr.js';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { changeAccess, type AccessServices } from './accessChange.ts';
import { isInside } from './networks.ts';
import {
  deleteNetwork,
  findNetworks,
  insertNetwork,
  lockNetworks,
  type AllowedNetwork,
} from './allowListStore.ts';

export type { AllowedNetwork };

export interface NewNetwork {
  actor: Actor;
  /** An address or a network, as a person writes it. */
  cidr: string;
  note: string;
}

export async function listAllowedNetworks({ database }: AccessServices): Promise<AllowedNetwork[]> {
  return findNetworks(database);
}

/** @throws AppError CONFLICT when it is there, the list is full, or the caller would be locked out. */
export async function allowNetwork(
  services: AccessServices,
  { actor, cidr: given, note }: NewNetwork,
): Promise<AllowedNetwork> {
  const cidr = normalNetwork(given);
  return changeAccess(services, async ({ tx, nowMs }) => {
    const networks = await lockNetworks(tx);
    if (networks.some((network) => network.cidr === cidr)) throw conflict('the network is listed', { cidr });
    if (networks.length >= LIMITS.allowedNetworks) {
      throw conflict('the list is full', { limit: LIMITS.allowedNetworks });
    }
    keepCallerIn(actor, [...networks.map((network) => network.cidr), cidr]);
    const entryId = await insertNetwork(tx, { cidr, note }, nowMs);
    const target = { type: 'allowed_network', id: entryId };
    const after = { cidr, note };
    await recordAction(tx, { actor, action: 'ip_allow_list.add', target, before: null, after }, nowMs);
    return { entryId, cidr, note, createdAtMs: nowMs };
  });
}

/** @throws AppError NOT_FOUND, CONFLICT when the caller would be locked out. */
export async function disallowNetwork(
  services: AccessServices,
  { actor, entryId }: { actor: Actor; entryId: number },
): Promise<void> {
  await changeAccess(services, async ({ tx, nowMs }) => {
    const networks = await lockNetworks(tx);
    const removed = networks.find((network) => network.entryId === entryId);
    if (removed === undefined) throw new AppError('NOT_FOUND');
    const left = networks.filter((network) => network !== removed);
    keepCallerIn(
      actor,
      left.map(({ cidr }) => cidr),
    );
    await deleteNetwork(tx, entryId);
    const target = { type: 'allowed_network', id: entryId };
    const before = { cidr: removed.cidr, note: removed.note };
    await recordAction(tx, { actor, action: 'ip_allow_list.remove', target, before, after: null }, nowMs);
  });
}

/**
 * One network, written in one way: without host bits, an address as a network of one. What is mapped into IPv6 becomes the
 * IPv4 network that it means, since addresses are compared as that.
 */
export function normalNetwork(text: string): string {
  const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : wholeOf(ipaddr.parse(text));
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS) {
    return networkText(address.toIPv4Address(), bits - MAPPED_BITS);
  }
  return networkText(address, bits);
}

/** Of ::ffff:0:0/96, in which IPv4 addresses are mapped. */
const MAPPED_BITS = 96;

function wholeOf(address: ipaddr.IPv4 | ipaddr.IPv6): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function networkText(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const { IPv4, IPv6 } = ipaddr;
  const kind = address.kind() === 'ipv4' ? IPv4 : IPv6;
  return `${kind.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}

function keepCallerIn({ ip }: Actor, cidrs: readonly string[]): void {
  const networks = cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  if (networks.length === 0 || isInside(ip, networks)) return;
  throw conflict('your own address would be locked out', { your_address: ip });
}

function conflict(reason: string, facts: object): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
