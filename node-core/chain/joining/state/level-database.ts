/** The node's database as a download needs it, for the thread that works on it. */
import type { Level } from '../../state/trie-source.ts'
import type { JoiningDatabase } from './store.ts'

/** What is read ahead: some runs. */
const READ_AHEAD_BYTES = 512 * 1024

export function levelDatabase(level: Level): JoiningDatabase {
  return {
    get: (key) => level.get(key),
    async write(puts, deletes) {
      const batch = level.batch()
      for (const [key, value] of puts) batch.put(key, value)
      for (const key of deletes) batch.del(key)
      await batch.write()
    },
    // What is read once would push out of the cache what is read often.
    read: (from, to) => level.iterator({ gte: from, lt: to, fillCache: false, highWaterMarkBytes: READ_AHEAD_BYTES }),
    async lastKey(from, to) {
      const [last] = await level.keys({ gte: from, lt: to, reverse: true, limit: 1, fillCache: false }).all()
      return last
    },
    async clear(from, to, limit) {
      await level.clear({ gte: from, lt: to, limit })
      const left = await level.keys({ gte: from, lt: to, limit: 1, fillCache: false }).all()
      return left.length > 0
    },
  }
}
