/** Diners are served on three nodes, one of which is killed with the agent who sits there. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import { needs } from '../../support/shared.ts';
import { eventually } from '../../support/seat.ts';
import { startNodes, type Nodes } from './nodes.ts';
import { runCommand, type ServerProcess } from './serverProcess.ts';

const AGENTS = 20;
const ARRIVALS = 60;
/** Nothing was heard for 60 s, and what was heard last may be written 15 s later. */
const GONE_MS = 100_000;

interface Person {
  token: string;
  userId: number;
  mobile: string;
}

describe('customer service of a cluster', function () {
  this.timeout(300_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let admin: Person;
  let agents: Person[];
  let nextMobile = 15_400_000_000;

  before(async () => {
    cluster = await startNodes();
    admin = await logIn('13800000000');
    agents = [];
    for (let at = 0; at < AGENTS; at++) {
      const agent = await logIn(String(nextMobile++));
      const role = { role: 'staff', reason: 'recruited' };
      assert.equal((await call(0, 'POST', `/admin/users/${agent.userId}/role`, admin, role)).code, 'OK');
      agents.push(agent);
    }
    // Every node has heard of all of them.
    await eventually(async () => {
      for (const at of cluster.nodes.keys())
        for (const agent of agents)
          assert.equal((await call(at, 'GET', '/admin/chat/agents', agent)).code, 'OK');
    });
  });
  after(() => cluster?.close());

  const call = async (at: number, method: string, path: string, by?: Person, body?: object): Promise<any> => {
    const { origin } = cluster.nodes[at % cluster.nodes.length] as ServerProcess;
    const response = await fetch(`${origin}/api/v3${path}`, {
      method,
      headers: {
        ...(by !== undefined && { authorization: `Bearer ${by.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  const logIn = async (mobile: string): Promise<Person> => {
    const { data } = await call(0, 'POST', '/auth/login', undefined, { mobile, code: '123456' });
    return { token: data.access_token, userId: data.user.user_id, mobile };
  };
  const ask = async (at: number, by: Person) => {
    const answer = await call(at, 'POST', '/chat/conversations', by, { type: 'service' });
    assert.equal(answer.code, 'OK', JSON.stringify(answer));
    return answer.data.conversation_id as number;
  };
  const sessions = async (status: string) =>
    (await call(1, 'GET', `/admin/chat/sessions?status=${status}&limit=100`, admin)).data.items as {
      conversation_id: number;
      agent: { user_id: number } | null;
    }[];
  const ownerOf = async (id: number) => {
    const listing = await cluster.redis.command('HGET', 'roomcaches', `chat-${id}`);
    const { publicAddress } = JSON.parse(String(listing)) as { publicAddress: string };
    return cluster.nodes.find(({ origin }) => origin.endsWith(publicAddress))!;
  };
  const endAll = async () => {
    for (const status of ['assigned', 'waiting'])
      for (const { conversation_id: id } of await sessions(status))
        await call(id, 'POST', `/admin/chat/sessions/${id}/close`, admin);
  };
  const auditIsClean = async () => {
    const [database] = await cluster.database.read<{ name: string }>('SELECT DATABASE() AS name');
    const audit = await runCommand('src/cli/audit.ts', [], {
      DATABASE_URL: cluster.mariadb.url(database!.name),
    });
    assert.equal(audit.code, 0, audit.output);
  };

  it('RC-6 twenty agents on three nodes take one session, and one gets it', async () => {
    const id = await ask(0, await logIn(String(nextMobile++)));
    const taken = await Promise.all(
      agents.map((agent, at) => call(at, 'POST', `/admin/chat/sessions/${id}/take`, agent)),
    );
    const codes = taken.map(({ code }) => code as string).sort();
    assert.deepEqual(codes, [...Array.from({ length: AGENTS - 1 }, () => 'CONFLICT'), 'OK']);
    await endAll();
  });

  it('RC-6 RC-7 all nodes assign at once: nobody has more than they may, and all who can be are served', async () => {
    const [first, second] = agents as [Person, Person];
    for (const [at, agent] of [first, second].entries())
      assert.equal(
        (await call(at, 'PUT', '/admin/chat/agent', agent, { online: true, limit: 15 })).code,
        'OK',
      );
    const diners: Person[] = [];
    for (let at = 0; at < ARRIVALS; at++) diners.push(await logIn(String(nextMobile++)));
    await Promise.all(diners.map((diner, at) => ask(at, diner)));
    await eventually(async () => {
      const by = Map.groupBy(await sessions('assigned'), ({ agent }) => agent!.user_id);
      assert.deepEqual([by.get(first.userId)?.length, by.get(second.userId)?.length], [15, 15]);
    });
    assert.equal((await sessions('waiting')).length, ARRIVALS - 30);
    for (const agent of [first, second]) await call(0, 'PUT', '/admin/chat/agent', agent, { online: false });
    await endAll();
    await auditIsClean();
  });

  it('RC-8 an agent whose node is killed and who does not come back leaves their sessions to the next one', async () => {
    const [agent, next] = [agents[2]!, agents[3]!];
    const diner = await logIn(String(nextMobile++));
    const id = await ask(0, diner);
    assert.equal((await call(0, 'POST', `/admin/chat/sessions/${id}/take`, agent)).code, 'OK');
    // Who talks sits on the node that has the conversation.
    const home = await ownerOf(id);
    const client = new KaijiangClient({ url: home.origin });
    await client.login(agent.mobile, '123456');
    const seat = await client.joinChat(id, {});
    await seat.say('您好');
    const others = cluster.nodes.filter((node) => node !== home);
    cluster.nodes.splice(0, cluster.nodes.length, ...others);
    assert.equal((await call(1, 'PUT', '/admin/chat/agent', next, { online: true, limit: 1 })).code, 'OK');
    const staying = setInterval(() => void call(1, 'GET', '/admin/chat/agents', next), 20_000);
    try {
      await home.end('SIGKILL');
      const killedMs = performance.now();
      await eventually(async () => {
        const own = (await sessions('assigned')).find((one) => one.conversation_id === id);
        assert.equal(own?.agent?.user_id, next.userId);
      }, GONE_MS);
      const tookMs = performance.now() - killedMs;
      assert.ok(tookMs >= 40_000, `${tookMs} ms`);
    } finally {
      clearInterval(staying);
      await seat.leave().catch(() => undefined);
    }
    const { data } = await call(0, 'GET', `/chat/conversations/${id}/messages`, diner);
    const told = (data.items as { type: string; content: string }[])
      .filter(({ type }) => type === 'system')
      .map(({ content }) => (JSON.parse(content) as { what: string }).what);
    assert.deepEqual(told, ['joined', 'queued', 'joined']);
    assert.equal((await call(0, 'GET', `/chat/conversations/${id}/messages`, agent)).code, 'FORBIDDEN');
    await auditIsClean();
  });
});
