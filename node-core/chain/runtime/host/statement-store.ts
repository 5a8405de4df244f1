/**
 * `ext_statement_store_*`: signed statements that are spread beside the chain. This node keeps none, and answers as every
 * node without that store: it is not available, and there are no statements.
 */
import type { HostContext, HostFunctions } from './context.ts'

/** `SubmitResult::NotAvailable`. */
const NOT_AVAILABLE = 3
const EMPTY_VECTOR = Uint8Array.of(0)
const HASH_SIZE = 32
/** Of a topic. */
const TOPIC_SIZE = 32

export function statementStoreFunctions({ memory }: HostContext): HostFunctions {
  const none = (): bigint => memory.giveSpan(EMPTY_VECTOR)
  const readTopics = (topics: bigint): void => void memory.decode(topics, (reader) => reader.vec((r) => r.raw(TOPIC_SIZE), TOPIC_SIZE))
  const noneFor = (topics: bigint, destination: number): bigint => {
    readTopics(topics)
    memory.at(destination, HASH_SIZE)
    return none()
  }
  return {
    ext_statement_store_submit_statement_version_1(statement: bigint) {
      memory.view(statement)
      return NOT_AVAILABLE
    },
    ext_statement_store_statements_version_1: none,
    ext_statement_store_broadcasts_version_1(topics: bigint) {
      readTopics(topics)
      return none()
    },
    ext_statement_store_posted_version_1: noneFor,
    ext_statement_store_posted_clear_version_1: noneFor,
    ext_statement_store_remove_version_1: (hash: number) => void memory.at(hash, HASH_SIZE),
    ext_statement_store_remove_by_version_1: (who: number) => void memory.at(who, HASH_SIZE),
  }
}
