/** `nodestead.v1.Metrics`: figures of a network's node. */
import type { ServiceImpl } from '@connectrpc/connect'
import { findRunning } from '../../manager/asking.ts'
import { networkOf, type ServiceContext } from '../context.ts'
import type { Metrics } from '../proto/nodestead/v1/metrics_pb.ts'

export function metricsMethods(ctx: ServiceContext): ServiceImpl<typeof Metrics> {
  return {
    readMetrics: (request) => {
      const families = findRunning(ctx.manager, networkOf(ctx, request).id).metrics.read()
      return {
        families: families
          .filter(({ name }) => name.startsWith(request.prefix))
          .map(({ name, help, type, samples }) => ({ name, help, type, samples: samples.map(({ labels, value }) => ({ labels: { ...labels }, value })) })),
      }
    },
    metricsText: async (request) => ({ text: await findRunning(ctx.manager, networkOf(ctx, request).id).metrics.text() }),
    disk: async (request) => {
      const { dataBytes, freeBytes, totalBytes } = await ctx.manager.disk(networkOf(ctx, request).id)
      return { dataBytes: BigInt(dataBytes), freeBytes: BigInt(freeBytes ?? 0), totalBytes: BigInt(totalBytes ?? 0) }
    },
  }
}
