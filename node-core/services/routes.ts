/**
 * The services in one table: what each is answered by. The same table is served at the node's own port and may be served in part elsewhere.
 *
 * A call passes, in order: the gate (rights/gate.ts, headers alone), Connect (which reads the message, bounded), the mapping of errors (refusal.ts), the rules of
 * the .proto files, and its method (methods/).
 */
import { createValidator } from '@bufbuild/protovalidate'
import type { DescService } from '@bufbuild/protobuf'
import type { ConnectRouter, Interceptor, StreamResponse } from '@connectrpc/connect'
import { createValidateInterceptor } from '@connectrpc/validate'
import type { ServiceContext } from './context.ts'
import { SERVICES } from './described/own-services.ts'
import { Reflection } from './described/reflection.ts'
import { accountMethods } from './methods/account.ts'
import { adminMethods } from './methods/admin.ts'
import { chainMethods } from './methods/chain.ts'
import { channelsMethods } from './methods/channels.ts'
import { healthMethods } from './methods/health.ts'
import { metricsMethods } from './methods/metrics.ts'
import { networkMethods } from './methods/network.ts'
import { nodeMethods } from './methods/node.ts'
import { peersMethods } from './methods/peers.ts'
import { resourcesMethods } from './methods/resources.ts'
import { topicsMethods } from './methods/topics.ts'
import { transactionMethods } from './methods/transaction.ts'
import { Health } from './proto/grpc/health/v1/health_pb.ts'
import { ServerReflection } from './proto/grpc/reflection/v1/reflection_pb.ts'
import { ServerReflection as OldServerReflection } from './proto/grpc/reflection/v1alpha/reflection_pb.ts'
import { Account } from './proto/nodestead/v1/account_pb.ts'
import { Admin } from './proto/nodestead/v1/admin_pb.ts'
import { Chain } from './proto/nodestead/v1/chain_pb.ts'
import { Channels } from './proto/nodestead/v1/channels_pb.ts'
import { ErrorInfoSchema } from './proto/nodestead/v1/errors_pb.ts'
import { Metrics } from './proto/nodestead/v1/metrics_pb.ts'
import { Network } from './proto/nodestead/v1/network_pb.ts'
import { Node } from './proto/nodestead/v1/node_pb.ts'
import { Peers } from './proto/nodestead/v1/peers_pb.ts'
import { Resources } from './proto/nodestead/v1/resources_pb.ts'
import { Topics } from './proto/nodestead/v1/topics_pb.ts'
import { Transaction } from './proto/nodestead/v1/transaction_pb.ts'
import { refusal } from './refusal.ts'

export { SERVICES }
/** Those of gRPC's tools. */
const TOOLS: readonly DescService[] = [Health, ServerReflection, OldServerReflection]
export const ALL_SERVICES: readonly DescService[] = [...SERVICES, ...TOOLS]

export function serviceRoutes(ctx: ServiceContext): (router: ConnectRouter) => void {
  const reflection = new Reflection(ALL_SERVICES, [ErrorInfoSchema.file])
  return (router) => {
    router.service(Node, nodeMethods(ctx))
    router.service(Chain, chainMethods(ctx))
    router.service(Account, accountMethods(ctx))
    router.service(Transaction, transactionMethods(ctx))
    router.service(Network, networkMethods(ctx))
    router.service(Peers, peersMethods(ctx))
    router.service(Topics, topicsMethods(ctx))
    router.service(Channels, channelsMethods(ctx))
    router.service(Resources, resourcesMethods(ctx))
    router.service(Metrics, metricsMethods(ctx))
    router.service(Admin, adminMethods(ctx))
    router.service(Health, healthMethods(ctx))
    router.service(ServerReflection, { serverReflectionInfo: (questions, context) => reflection.answer(questions, context) })
    router.service(OldServerReflection, { serverReflectionInfo: (questions, context) => reflection.answer(questions as never, context) as never })
  }
}

/** Errors of methods into the form of clients, streams included; then the rules. */
export function serviceInterceptors({ logger }: Pick<ServiceContext, 'logger'>): Interceptor[] {
  return [errorMapping((error, method) => logger.error('a call of the service API failed', { method, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })), createValidateInterceptor({ validator: createValidator() })]
}

function errorMapping(report: (error: unknown, method: string) => void): Interceptor {
  return (next) => async (request) => {
    const name = `${request.service.typeName}/${request.method.name}`
    const told = (error: unknown): Error => refusal(error, (mistake) => report(mistake, name))
    try {
      const response = await next(request)
      if (!response.stream) return response
      return { ...response, message: mapped(response.message, told) }
    } catch (error) {
      throw told(error)
    }
  }
}

async function* mapped(messages: StreamResponse['message'], told: (error: unknown) => Error): StreamResponse['message'] {
  try {
    yield* messages
  } catch (error) {
    throw told(error)
  }
}
