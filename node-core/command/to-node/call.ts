/** What `call` does: a method with an underscore is one of JSON-RPC, any other one of the service API. */
import { withNode, type Caller } from './line.ts'
import { callRpc, isRpcMethod } from './rpc-call.ts'
import { callService, methodNamed } from './service-call.ts'

export async function callMethod(caller: Caller, name: string, words: readonly string[]): Promise<undefined> {
  const { terminal, values: { network } } = caller
  const method = isRpcMethod(name) ? undefined : methodNamed(name)
  return withNode(caller, (line, signal) => (method === undefined ? callRpc(line, terminal, { method: name, words, network, signal }) : callService(line, terminal, { method, words, network, signal })))
}
