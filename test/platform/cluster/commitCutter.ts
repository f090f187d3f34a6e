import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How a text ends that ends its transaction: with this alone, or behind the last statements. */
const COMMIT = Buffer.from('COMMIT');

/** What becomes of a COMMIT whose connection is cut. */
export type Cut = 'before it arrives' | 'before its answer';

/** Stands between a node and MariaDB, and cuts connections at their COMMIT. */
export class CommitCutter {
  private readonly sockets = new Set<Socket>();
  private orders: Cut[] = [];

  static async start(targetPort: number): Promise<CommitCutter> {
    const server = createServer();
    const cutter = new CommitCutter(server, targetPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return cutter;
  }

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next commits are cut, one after the other, in these ways. */
  cut(...orders: Cut[]): void {
    this.orders.push(...orders);
  }

  get left(): number {
    return this.orders.length;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      // A cut connection resets; both ends are closed below.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    let isCut = false;
    client.on('data', (data) => {
      if (isCut) return;
      const order = data.subarray(-COMMIT.length).equals(COMMIT) ? this.orders.shift() : undefined;
      if (order === undefined) {
        target.write(data);
        return;
      }
      isCut = true;
      if (order === 'before it arrives') client.destroy();
      else target.write(data);
    });
    target.on('data', (data) => {
      // The answer has come: the commit is done, and the node will not hear of it.
      if (isCut) client.destroy();
      else client.write(data);
    });
  }
}
