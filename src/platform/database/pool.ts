/** The part of mysql2's pool that TypeORM and these files use. */
export interface Pool {
  getConnection(callback: GotConnection): void;
  end(callback?: (error?: unknown) => void): void;
}

export interface PooledConnection {
  promise(): unknown;
  query(...given: unknown[]): unknown;
  release(): void;
  destroy(): void;
}

export type GotConnection = (error: unknown, connection?: PooledConnection) => void;
