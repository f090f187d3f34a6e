/** The manifests of a kustomization, and whether Kubernetes knows all that is said in them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: any;
}

export interface Kustomization {
  resources?: string[];
  namespace?: string;
  configMapGenerator?: { name: string; behavior?: string; files: string[] }[];
  replacements?: any[];
  images?: { name: string }[];
}

export function readManifests(file: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  return documents.map((document) => {
    assert.deepEqual(document.errors, [], file);
    return document.toJS() as Manifest;
  });
}

export const readKustomization = (folder: string) =>
  parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;

/** By the names of the schemas, which have group, version and kind in them. */
const PREFIXES: Record<string, string> = {
  v1: 'kubernetes-models/_schemas/IoK8sApiCoreV1',
  'apps/v1': 'kubernetes-models/_schemas/IoK8sApiAppsV1',
  'autoscaling/v2': 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2',
  'networking.k8s.io/v1': 'kubernetes-models/_schemas/IoK8sApiNetworkingV1',
  'policy/v1': 'kubernetes-models/_schemas/IoK8sApiPolicyV1',
  'monitoring.coreos.com/v1':
    '@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1',
};

interface Validate {
  (data: unknown): boolean;
  errors?: { instancePath: string; message?: string; keyword: string; params: unknown }[] | null;
}

/** What is wrong with a manifest: what its schema says, and fields that the schema has not got, which a server would drop. */
export async function faultsOf(manifest: Manifest): Promise<string[]> {
  const prefix = PREFIXES[manifest.apiVersion];
  if (prefix === undefined) return [`no schema of ${manifest.apiVersion}`];
  // Files, since one of the packages exports none of its schemas.
  const file = resolve('node_modules', `${prefix}${manifest.kind}.js`);
  const { validate } = (await import(pathToFileURL(file).href)) as { validate: Validate };
  const looked = new Set<string>();
  const isValid = validate(watched(manifest, '', looked));
  const told = isValid ? [] : (validate.errors ?? []);
  return [
    ...told.map(
      ({ instancePath, keyword, params }) => `${instancePath} ${keyword} ${JSON.stringify(params)}`,
    ),
    ...unseen(manifest, '', looked),
  ];
}

/** Notes each field that is read. A validator reads all those that its schema has, and every key of a map. */
function watched<Data>(data: Data, path: string, looked: Set<string>): Data {
  if (typeof data !== 'object' || data === null) return data;
  return new Proxy(data, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol') return value;
      looked.add(`${path}/${key}`);
      return watched(value, `${path}/${key}`, looked);
    },
  });
}

function unseen(data: unknown, path: string, looked: ReadonlySet<string>): string[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => {
    const below = `${path}/${key}`;
    return looked.has(below) ? unseen(value, below, looked) : [`${below} is no field`];
  });
}

/** All of a folder's kustomization, as it is written down: those of other folders beside it too. */
export function manifestsOf(folder: string): Manifest[] {
  const { resources = [] } = readKustomization(folder);
  return resources.flatMap((resource) =>
    resource.endsWith('.yaml') ? readManifests(join(folder, resource)) : manifestsOf(join(folder, resource)),
  );
}

export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0]!;
}
