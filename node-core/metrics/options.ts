/** Where the metrics are served. */
export interface PrometheusOptions {
  readonly enabled: boolean
  /** TCP port; 0 lets the system choose. */
  readonly port: number
  /** Take any free port where {@link port} is taken: for a port that nobody asked for by number. */
  readonly fallback: boolean
  /** Answer other machines too, not only this one. */
  readonly external: boolean
}

/** The same as Substrate's. */
export const DEFAULT_PROMETHEUS_PORT = 9615
