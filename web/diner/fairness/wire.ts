/** What these pages read of the API. Shapes are those of the OpenAPI document. */
export interface Fairness {
  epochs: {
    epoch: number;
    server_seed_hash: string;
    server_seed: string | null;
    committed_at: string;
    revealed_at: string | null;
  }[];
}

export interface Drawn {
  draw_id: number;
  draw_no: number;
  prize: { name: string } | null;
  drawn_at: string;
}

export interface WithNext<Item> {
  items: Item[];
  /** Asks for the next page; null: there is none. */
  next: string | null;
}
