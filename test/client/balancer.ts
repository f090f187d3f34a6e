import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Link {
  sockets: [Socket, Socket];
  /** Which directions still carry anything. */
  isHeard: boolean;
  isAnswered: boolean;
}

/** What stands between clients and servers: one address that stays, behind which servers come and go. */
export class Balancer {
  private readonly links = new Set<Link>();
  private targetPorts: number[] = [];
  private nextTarget = 0;

  static async start(): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return balancer;
  }

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => {
      // A client that is cut off may have reset its end already.
      client.on('error', () => client.destroy());
      this.link(client, this.targetPorts.length);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Where new connections go, in turn, past those that refuse them; to nowhere: they are closed at once. */
  pointTo(...origins: string[]): void {
    this.targetPorts = origins.map((origin) => Number(new URL(origin).port));
  }

  /** Ends all connections without a goodbye. */
  cut(): void {
    for (const { sockets } of this.links) for (const socket of sockets) socket.destroy();
  }

  /** What servers answer on the present connections gets lost from now on. */
  loseAnswers(): void {
    for (const link of this.links) link.isAnswered = false;
  }

  /** The present connections stay open and carry nothing any more. */
  freeze(): void {
    for (const link of this.links) link.isHeard = link.isAnswered = false;
  }

  async close(): Promise<void> {
    this.pointTo();
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private link(client: Socket, targetsLeft: number): void {
    const targetPort = this.targetPorts[this.nextTarget++ % this.targetPorts.length];
    if (targetPort === undefined || targetsLeft === 0) {
      client.destroy();
      return;
    }
    const server = connect(targetPort, '127.0.0.1');
    const refused = () => this.link(client, targetsLeft - 1);
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      this.join(client, server);
    });
  }

  private join(client: Socket, server: Socket): void {
    server.on('error', () => server.destroy());
    const link: Link = { sockets: [client, server], isHeard: true, isAnswered: true };
    this.links.add(link);
    client.on('data', (data) => link.isHeard && server.write(data));
    server.on('data', (data) => link.isAnswered && client.write(data));
    const end = () => {
      this.links.delete(link);
      client.destroy();
      server.destroy();
    };
    client.on('close', end);
    server.on('close', end);
    // It may have gone while the server was looked for.
    if (client.destroyed) end();
  }
}
