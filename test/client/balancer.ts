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
  private targetPort: number | undefined;

  static async start(): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return balancer;
  }

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => this.link(client));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Where new connections go; undefined: they are closed at once. */
  pointTo(origin: string | undefined): void {
    this.targetPort = origin === undefined ? undefined : Number(new URL(origin).port);
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
    this.pointTo(undefined);
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private link(client: Socket): void {
    // A client that is cut off may have reset its end already.
    client.on('error', () => client.destroy());
    if (this.targetPort === undefined) {
      client.destroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
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
  }
}
