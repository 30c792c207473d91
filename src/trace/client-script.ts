/** What the client of a scenario is to do; it is handed to that program as JSON. */
export interface ClientScript {
  readonly port: number;
  readonly requests: readonly ClientRequest[];
  /** All requests over one connection, or each over one of its own. */
  readonly connections: 'one' | 'each';
  /** Bytes a second that it reads; 0 is as fast as it can. */
  readonly rate: number;
}

export interface ClientRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query. */
  readonly target: string;
  /** In a value, `{last-modified}` stands for what the answer before had in that header. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ClientAnswer {
  readonly status: number;
  /** Of the body, as it arrived. */
  readonly bytes: number;
  /** '' where it has none. */
  readonly lastModified: string;
}

export interface ClientResult {
  readonly answers: readonly ClientAnswer[];
  /** From the first connection to the last byte. */
  readonly seconds: number;
}
