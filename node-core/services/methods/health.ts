/** `grpc.health.v1.Health`: the one service that is answered without a token. It says that the port serves, and nothing of networks. */
import type { ServiceImpl } from '@connectrpc/connect'
import { HealthCheckResponse_ServingStatus as Status, type Health } from '../proto/grpc/health/v1/health_pb.ts'
import type { ServiceContext } from '../context.ts'

export function healthMethods(_ctx: ServiceContext): ServiceImpl<typeof Health> {
  return {
    check: () => ({ status: Status.SERVING }),
    async *watch(_, { signal }) {
      yield { status: Status.SERVING }
      await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
      signal.throwIfAborted()
    },
  }
}
