/** Authoring by slots as the door of engines has it: the loop over the slots (slot-loop.ts) and what makes a block in one (block-producer.ts). */
import type { Logger } from '../../../../base/logger.ts'
import type { Authoring, AuthoringTools } from '../engine.ts'
import type { Author } from './author.ts'
import { BlockProducer, type ProducerOptions } from './block-producer.ts'
import { SlotLoop } from './slot-loop.ts'

export function slotAuthoring(author: Author, logger: Logger, options: ProducerOptions): (tools: AuthoringTools) => Authoring {
  return (tools) => {
    const { clock, watched } = tools
    const producer = new BlockProducer({ ...tools, author, logger }, options)
    const loop = new SlotLoop({ clock, logger, produce: (slot) => watched(producer.produce(slot)) }, { slotDuration: author.slotDuration })
    return {
      get hold() {
        return producer.hold
      },
      start: async () => loop.start(),
      stop: () => loop.stop(),
      idle: () => loop.idle(),
    }
  }
}
