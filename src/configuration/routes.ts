/** The configuration, for those who run the restaurants (R-6, RA-11). */
import { BusinessConfig } from '../../entities/configuration/BusinessConfig.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { Clock } from '../platform/clock.ts';
import { listNumbered, type NumberedTable } from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import type { Nodes, NodeView } from '../system/nodes.ts';
import type { LiveConfiguration } from './liveConfiguration.ts';
import {
  changeBody,
  changedShape,
  configShape,
  returnBody,
  versionPath,
  versionReadShape,
  versionsQuery,
  versionsShape,
} from './messages.ts';
import { changeConfiguration, readCurrent, readVersion, returnConfiguration, type Made } from './versions.ts';

export interface ConfigurationRoutesServices {
  database: Database;
  clock: Clock;
  configuration: LiveConfiguration;
  nodes: Pick<Nodes, 'list' | 'alone'>;
}

export function configurationRoutes(services: ConfigurationRoutesServices): Route[] {
  return [currentRoute(services), ...changingRoutes(services), ...versionRoutes(services)];
}

function currentRoute({ database, configuration, nodes }: ConfigurationRoutesServices): Route {
  return route({
    method: 'get',
    path: '/admin/config',
    access: 'config:read',
    summary: 'What may be changed while the server runs, as it is now, and by which version each node goes',
    data: configShape,
    handle: async () => {
      const manager = database.currentReader;
      const current = await readCurrent(manager, configuration.defaults);
      const row = await manager.findOneBy(BusinessConfig, { version: current.newest });
      const listed = await nodes.list().catch(() => nodes.alone());
      return {
        data: {
          version: current.newest,
          config: current.configuration,
          held_version: current.version,
          fault: current.fault,
          changed_by: row?.created_by ?? null,
          changed_at: row?.created_at.toISOString() ?? null,
          nodes: listed.map(nodeToWire),
        },
      };
    },
  });
}

function changingRoutes(services: ConfigurationRoutesServices): Route[] {
  const { database, clock, configuration } = services;
  const changed = async (change: (tx: Tx, nowMs: number) => Promise<Made>) => {
    const nowMs = clock.nowMs();
    const { version, configuration: config } = await database.retryingTransaction((tx) => change(tx, nowMs));
    await configuration.changed();
    return { data: { version, config } };
  };
  return [
    route({
      method: 'put',
      path: '/admin/config',
      access: 'config:edit',
      summary: 'Change it as a whole; the version that was read is named',
      refusals: ['CONFLICT'],
      body: changeBody,
      data: changedShape,
      handle: (input) => {
        const { version, config } = input.body;
        const change = { actor: actorOf(input), version, configuration: config };
        return changed((tx, nowMs) => changeConfiguration(tx, change, configuration.defaults, nowMs));
      },
    }),
    route({
      method: 'post',
      path: '/admin/config/return',
      access: 'config:edit',
      summary:
        'Go back to the values of an earlier version, as a new one; the version that was read is named',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: returnBody,
      data: changedShape,
      handle: (input) => {
        const { version, to_version: toVersion } = input.body;
        const change = { actor: actorOf(input), version, toVersion };
        return changed((tx, nowMs) => returnConfiguration(tx, change, configuration.defaults, nowMs));
      },
    }),
  ];
}

const VERSIONS: NumberedTable<BusinessConfig> = {
  entity: BusinessConfig,
  key: 'version',
  select: { version: true, returned_to: true, created_by: true, created_at: true },
};

function versionRoutes({ database, configuration }: ConfigurationRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/config/versions',
      access: 'config:read',
      list: { name: 'config-versions' },
      summary: 'Its versions, newest first: who made them, and when',
      query: versionsQuery,
      data: versionsShape,
      handle: async ({ query }) => {
        const page = await listNumbered(database.currentReader, VERSIONS, {}, query);
        return { data: longPageToWire(page, rowToWire) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/config/versions/:version',
      access: 'config:read',
      summary: 'A version, and what it has changed',
      refusals: ['NOT_FOUND'],
      params: versionPath,
      data: versionReadShape,
      handle: async ({ params }) => {
        const { defaults } = configuration;
        const read = await readVersion(database.currentReader, params.version, defaults);
        return { data: { ...rowToWire(read.row), config: read.document, changes: read.changes } };
      },
    }),
  ];
}

function rowToWire({ version, returned_to, created_by, created_at }: BusinessConfig) {
  return { version, changed_by: created_by, changed_at: created_at.toISOString(), returned_to };
}

function nodeToWire({ processId, isThis, told }: NodeView) {
  const { config_version: version = null, bad_config_version: bad_version = null } = told ?? {};
  return { node_id: processId, is_this: isThis, version, bad_version };
}
