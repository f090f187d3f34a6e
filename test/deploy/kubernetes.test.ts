/** S-7 RO-11 deploy/kubernetes: against the schemas of Kubernetes, and against what the product is. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { openRegistry, type NodeFigures } from '../../src/metrics/registry.ts';
import { loadConfig, SETTING_NAMES, type Config } from '../../src/settings.ts';
import { faultsOf, find, manifestsOf, readKustomization, readManifests, type Manifest } from './manifests.ts';

const FOLDER = 'deploy/kubernetes';
const all = manifestsOf(FOLDER);
const monitoring = manifestsOf(`${FOLDER}/monitoring`);
/** As deploy/README.md makes it. */
const rules = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'kaijiang', namespace: 'kaijiang' },
  spec: parse(readFileSync('deploy/prometheus/alerts.yaml', 'utf8')) as object,
} as Manifest;
const [secrets] = readManifests(`${FOLDER}/secrets.example.yaml`) as [Manifest];
const kustomization = readKustomization(FOLDER);
const nodes = find(all, 'StatefulSet', 'kaijiang');
const nginx = find(all, 'Deployment', 'kaijiang-nginx');
const settings = find(all, 'ConfigMap', 'kaijiang-settings').data as Record<string, string>;
const scaler = find(all, 'HorizontalPodAutoscaler', 'kaijiang').spec;
const [container] = nodes.spec.template.spec.containers as [Record<string, any>];
const conf = readFileSync(`${FOLDER}/nodes.conf`, 'utf8');
const nginxConf = readFileSync('deploy/nginx/nginx.conf', 'utf8');

/** What is no setting: of the manifests themselves, and in the image. */
const OWN = new Set(['INGRESS_HOST', 'POD_NAME']);
const OF_IMAGE = { HOST: '0.0.0.0', PORT: '2567' };

/** What the container of a pod has, as the kubelet makes it of all three. */
function environmentOf(pod: string, secret: Record<string, string>): Record<string, string> {
  const environment: Record<string, string> = { ...OF_IMAGE, ...settings, ...secret };
  for (const { name, value, valueFrom } of container['env'] as any[]) {
    environment[name] =
      value === undefined
        ? (valueFrom.configMapKeyRef && settings[valueFrom.configMapKeyRef.key]) || pod
        : value.replace(/\$\((\w+)\)/g, (_: string, named: string) => environment[named]);
  }
  return environment;
}

/** What a pod goes by once the secrets are filled in. */
function configOf(pod: string): Config {
  const secret = () => randomBytes(32).toString('hex');
  const filled = {
    ...secrets['stringData'],
    DATABASE_URL: `mysql://kaijiang:${secret()}@mysql.example.com:3306/kaijiang`,
    REDIS_URL: 'redis://redis.example.com:6379',
    JWT_SECRET: secret(),
    SEED_ENCRYPTION_KEY: secret(),
    ALIYUN_ACCESS_KEY_ID: 'a',
    ALIYUN_ACCESS_KEY_SECRET: 'b',
    IMAGES_BUCKET_KEY_ID: 'c',
    IMAGES_BUCKET_SECRET: 'd',
  };
  const sms = { ALIYUN_SMS_SIGN_NAME: 'e', ALIYUN_SMS_TEMPLATE_CODE: 'f' };
  return loadConfig({ ...environmentOf(pod, filled), ...sms });
}

const clone = (manifest: Manifest) => structuredClone(manifest);
const isSelected = (selector: Record<string, string>, labels: Record<string, string>) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

describe('S-7 deploy/kubernetes', () => {
  it('every manifest is as Kubernetes knows it, with no field that it would drop', async () => {
    const faults: Record<string, string[]> = {};
    for (const manifest of [...all, ...monitoring, rules, secrets]) {
      const found = await faultsOf(manifest);
      if (found.length > 0) faults[`${manifest.kind} ${manifest.metadata.name}`] = found;
    }
    assert.deepEqual(faults, {});
  });

  it('and a field that is misspelt, of another type, unknown or missing is found', async () => {
    const broken: [Manifest, (manifest: Manifest) => void, RegExp][] = [
      [
        nodes,
        ({ spec }) => (spec.terminationGracePeriodSecond = 60),
        /\/spec\/terminationGracePeriodSecond is no field/,
      ],
      [
        nodes,
        ({ spec }) => (spec.template.spec.containers[0].ports[0].containerPort = '2567'),
        /containerPort type/,
      ],
      [nodes, ({ spec }) => (spec.podManagementPolicy = 'Ordered'), /podManagementPolicy enum/],
      [nodes, ({ spec }) => delete spec.selector, /\/spec required.*selector/],
      [
        nodes,
        ({ spec }) => (spec.template.spec.containers[0].securityContext.readOnly = true),
        /readOnly is no field/,
      ],
      [
        find(all, 'Ingress', 'kaijiang'),
        ({ spec }) => delete spec.rules[0].http.paths[0].pathType,
        /required.*pathType/,
      ],
      [monitoring[0]!, ({ spec }) => (spec.endpoints[0].intervals = '15s'), /intervals is no field/],
    ];
    for (const [manifest, harm, told] of broken) {
      const harmed = clone(manifest);
      harm(harmed);
      assert.match((await faultsOf(harmed)).join('\n'), told);
    }
  });

  it('the kustomization has every file, once, and what it generates and replaces is there', () => {
    const files = readdirSync(FOLDER).filter((file) => /\.yaml$/.test(file) && file !== 'kustomization.yaml');
    const own = kustomization.resources!.filter((resource) => resource.endsWith('.yaml'));
    assert.deepEqual(own.sort(), files.filter((file) => file !== 'secrets.example.yaml').sort());
    const [generated] = readKustomization('deploy/nginx').configMapGenerator!;
    const [merged] = kustomization.configMapGenerator!;
    assert.deepEqual([merged!.name, merged!.behavior], [generated!.name, 'merge']);
    const [mounted] = nginx.spec.template.spec.volumes;
    assert.equal(mounted.configMap.name, generated!.name);
    assert.deepEqual([...generated!.files, ...merged!.files], ['nginx.conf', 'nodes.conf']);
    const [{ source, targets }] = kustomization.replacements as [any];
    assert.ok(settings[source.fieldPath.replace(/^data\./, '')]);
    const ingress = find(all, targets[0].select.kind, targets[0].select.name);
    const valueAt = (path: string) => path.split('.').reduce((value, key) => value[key], ingress as any);
    assert.deepEqual(targets[0].fieldPaths.map(valueAt), [
      settings['INGRESS_HOST'],
      settings['INGRESS_HOST'],
    ]);
    assert.deepEqual(
      kustomization.images!.map(({ name }) => name),
      [container['image']],
    );
  });

  it('the nodes are given every setting that those of compose.yaml are, and nothing that is none', () => {
    const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true });
    const given = Object.keys(environmentOf('kaijiang-0', secrets['stringData']));
    const passed = given.filter((name) => !OWN.has(name) && !(name in OF_IMAGE));
    assert.deepEqual(passed.sort(), Object.keys(compose.services.node1.environment).sort());
    assert.deepEqual(
      passed.filter((name) => !SETTING_NAMES.has(name)),
      [],
    );
    const both = Object.keys(settings).filter((name) => name in secrets['stringData']);
    assert.deepEqual(both, []);
    // What nobody may read is not in what anybody may.
    assert.deepEqual(
      Object.keys(settings).filter((name) => /SECRET|_KEY|_URLS?$|MOBILE/.test(name)),
      [],
    );
  });

  it('a node starts with them once the secrets are filled in, each at its own address, and not before', () => {
    assert.throws(() => loadConfig(environmentOf('kaijiang-0', secrets['stringData'])), /required|must/);
    for (const pod of ['kaijiang-0', 'kaijiang-11']) {
      const config = configOf(pod);
      assert.deepEqual([config.production, config.publicAddress], [true, `draw.example.com/${pod}`]);
    }
  });

  it('ports are those of the image and the settings, from the probes to nginx', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const ports = new Map<string, number>(
      container['ports'].map((port: any) => [port.name, port.containerPort]),
    );
    assert.equal(ports.get('http'), Number(/PORT=(\d+)/.exec(dockerfile)![1]));
    assert.deepEqual(
      [ports.get('metrics'), settings['METRICS_HOST']],
      [Number(settings['METRICS_PORT']), '0.0.0.0'],
    );
    for (const name of ['kaijiang', 'kaijiang-nodes']) {
      const { ports: served, selector, clusterIP } = find(all, 'Service', name).spec;
      assert.ok(isSelected(selector, nodes.spec.template.metadata.labels));
      assert.equal(clusterIP, 'None');
      for (const port of served) assert.equal(port.port, ports.get(port.targetPort));
    }
    assert.equal(nodes.spec.serviceName, 'kaijiang-nodes');
    const { annotations } = nodes.spec.template.metadata;
    assert.equal(annotations['prometheus.io/port'], settings['METRICS_PORT']);
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
      (probe) => container[probe].httpGet,
    );
    assert.deepEqual(
      probes.map(({ path, port }) => `${path} ${port}`),
      ['/health http', '/health http', '/ready http'],
    );
  });

  it('nginx finds nodes by the names that the Services give them', () => {
    const domain = `${kustomization.namespace}.svc.cluster.local:2567`;
    assert.ok(conf.includes(`server kaijiang.${domain} resolve `), 'REST');
    assert.ok(conf.includes(` $node.kaijiang-nodes.${domain};`), 'rooms');
    assert.equal(find(all, 'Service', 'kaijiang-nodes').spec.publishNotReadyAddresses, true);
    assert.equal(find(all, 'Service', 'kaijiang').spec.publishNotReadyAddresses, undefined);
    assert.ok(nginxConf.includes('include nodes.conf;'));
    // `resolve` of a server is known to nginx from 1.27.3 on.
    assert.match(nginx.spec.template.spec.containers[0].image, /^nginx:1\.(2[89]|[3-9]\d)/);
    assert.equal(
      nginx.spec.template.spec.containers[0].image,
      /image: (nginx:\S+)/.exec(readFileSync('deploy/compose.yaml', 'utf8'))![1],
    );
  });

  it('pods may do nothing but run: no root, no rights, no writable image, no key of the cluster', () => {
    for (const { spec } of [nodes.spec.template, nginx.spec.template]) {
      assert.equal(spec.automountServiceAccountToken, false);
      assert.deepEqual(
        [spec.securityContext.runAsNonRoot, spec.securityContext.seccompProfile.type],
        [true, 'RuntimeDefault'],
      );
      assert.ok(spec.securityContext.runAsUser > 0);
      for (const { securityContext, resources } of spec.containers) {
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        assert.ok(resources.limits.memory && resources.requests.memory && resources.requests.cpu);
      }
    }
    const { labels } = find(all, 'Namespace', kustomization.namespace!).metadata;
    assert.equal(labels!['pod-security.kubernetes.io/enforce'], 'restricted');
  });

  it('nobody speaks with the nodes but nginx and Prometheus, and nobody at all unless it is said', () => {
    const policies = all.filter(({ kind }) => kind === 'NetworkPolicy');
    const [closed] = policies.filter(({ spec }) => spec.ingress === undefined && spec.egress === undefined);
    assert.deepEqual(closed!.spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const into = (labels: Record<string, string>) =>
      policies
        .filter(({ spec }) => isSelected(spec.podSelector.matchLabels ?? {}, labels))
        .flatMap(({ spec }) => spec.ingress ?? [])
        .map(({ from, ports }: any) => [
          Object.values((from[0].podSelector ?? from[0].namespaceSelector).matchLabels).at(-1),
          ...ports.map(({ port }: any) => port),
        ]);
    assert.deepEqual(into(nodes.spec.template.metadata.labels), [
      ['nginx', 2567],
      ['monitoring', 9464],
    ]);
    assert.deepEqual(into(nginx.spec.template.metadata.labels), [['ingress-nginx', 80]]);
    const out = find(all, 'NetworkPolicy', 'kaijiang-nodes').spec.egress;
    assert.deepEqual(
      out.flatMap(({ ports }: any) => ports.map(({ port }: any) => port)),
      [3306, 6379, 443],
    );
    assert.ok(out[1].to[0].ipBlock.except.includes('169.254.0.0/16'));
  });
});

describe('RO-11 scaling in Kubernetes', () => {
  it('goes by the queue of the draws, by metrics that nodes have and the adapter tells', async () => {
    const { registry, close } = openRegistry({
      version: '0',
      node: () => ({}) as NodeFigures,
      backlog: () => undefined,
      missing: async () => [],
      replicasBehindMs: () => [],
    });
    const known = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    close();
    const { rules } = parse(find(monitoring, 'ConfigMap', 'kaijiang-adapter').data['config.yaml']) as {
      rules: { seriesQuery: string; name: { as: string }; metricsQuery: string }[];
    };
    const asked = scaler.metrics.map(({ pods }: any) => pods.metric.name);
    assert.equal(asked[0], 'kaijiang_queued_requests');
    assert.deepEqual(asked.sort(), rules.map(({ name }) => name.as).sort());
    for (const { seriesQuery, name } of rules) {
      const [, series] = /^(\w+)\{/.exec(seriesQuery)!;
      assert.equal(series, name.as);
      assert.ok(known.has(series), series);
    }
    assert.deepEqual(scaler.scaleTargetRef, {
      apiVersion: nodes.apiVersion,
      kind: nodes.kind,
      name: nodes.metadata.name,
    });
    // Else each `kubectl apply` would set what the autoscaler has chosen.
    assert.equal(nodes.spec.replicas, undefined);
  });

  it('takes one node away at a time, after it has been quiet for long enough, and each has handed over first', () => {
    const { scaleDown, scaleUp } = scaler.behavior;
    assert.ok(scaleDown.stabilizationWindowSeconds >= 300);
    assert.ok(scaleUp.stabilizationWindowSeconds < scaleDown.stabilizationWindowSeconds);
    assert.deepEqual(
      scaleDown.policies.map(({ type, value }: any) => [type, value]),
      [['Pods', 1]],
    );
    assert.equal(nodes.spec.podManagementPolicy, 'OrderedReady');
    const { terminationGracePeriodSeconds: grace } = nodes.spec.template.spec;
    // So that the next one does not go while this one may still be at it.
    assert.ok(scaleDown.policies[0].periodSeconds >= grace);
  });

  it('a node has time for all of its end: preStop, waiting, sending guests away, and closing', () => {
    const preStop = container['lifecycle'].preStop.sleep.seconds;
    const { drainWaitMs, drainSpreadMs } = configOf('kaijiang-0');
    const closing = Number(
      /CLOSING_LIMIT_MS = ([\d_]+)/.exec(readFileSync('src/shutdown.ts', 'utf8'))![1]!.replace('_', ''),
    );
    assert.ok(preStop > 0 && drainWaitMs > 0);
    const end = preStop + (drainWaitMs + drainSpreadMs + closing) / 1000;
    assert.ok(nodes.spec.template.spec.terminationGracePeriodSeconds >= end + 5, String(end));
  });

  it('one node and one nginx stay whatever is done to the machines, and machines can be emptied', () => {
    for (const [name, { spec, least }] of Object.entries({
      kaijiang: { spec: nodes.spec, least: scaler.minReplicas },
      'kaijiang-nginx': { spec: nginx.spec, least: nginx.spec.replicas },
    })) {
      const budget = find(all, 'PodDisruptionBudget', name).spec;
      assert.ok(budget.minAvailable >= 1 && budget.minAvailable < least, name);
      assert.ok(isSelected(budget.selector.matchLabels, spec.template.metadata.labels), name);
    }
  });
});
