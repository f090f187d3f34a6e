/** Of the API, as the OpenAPI document has it. */
import type { Configuration } from '../../../src/configuration/document.ts';

export type { Configuration };

export interface ConfigNode {
  node_id: string;
  is_this: boolean;
  version: number | null;
  bad_version: number | null;
}

export interface Config {
  version: number;
  config: Configuration;
  held_version: number;
  fault: string | null;
  changed_by: number | null;
  changed_at: string | null;
  nodes: ConfigNode[];
}

export interface Version {
  version: number;
  changed_by: number;
  changed_at: string;
  returned_to: number | null;
}

export interface VersionRead extends Version {
  config: Configuration | null;
  changes: { field: string; before: unknown; after: unknown }[];
}

export interface OnlinePerson {
  user_id: number;
  nickname: string;
  role: string;
  nodes: number;
  agent: { status: 'online' | 'offline' | 'gone'; limit: number; open_sessions: number } | null;
}
