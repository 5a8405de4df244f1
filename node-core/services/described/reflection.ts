/** The reflection protocol: tools such as grpcurl ask which services there are, and for the descriptors of files, until they know enough to call one. */
import type { DescFile, DescService, MessageInitShape } from '@bufbuild/protobuf'
import { nestedTypes } from '@bufbuild/protobuf/reflect'
import { Code, type HandlerContext } from '@connectrpc/connect'
import type { ServerReflectionRequest, ServerReflectionResponseSchema } from '../proto/grpc/reflection/v1/reflection_pb.ts'
import { encodedFile, filesOf } from './files.ts'

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>

/** Questions of one stream: a tool asks for each file once. */
const MAX_QUESTIONS = 1024

export class Reflection {
  readonly #services: readonly DescService[]
  readonly #files: ReadonlyMap<string, DescFile>
  readonly #symbols = new Map<string, DescFile>()
  /** By the message that is extended, and the number. */
  readonly #extensions = new Map<string, Map<number, DescFile>>()

  /** `besides`: files that no service names, such as those of the details of errors. */
  constructor(services: readonly DescService[], besides: readonly DescFile[] = []) {
    this.#services = services
    const files = [...filesOf(services), ...besides]
    this.#files = new Map(files.map((file) => [`${file.name}.proto`, file]))
    for (const file of files) this.#index(file)
  }

  async *answer(questions: AsyncIterable<ServerReflectionRequest>, _context: HandlerContext): AsyncGenerator<MessageInitShape<typeof ServerReflectionResponseSchema>, void, undefined> {
    let asked = 0
    for await (const question of questions) {
      if (++asked > MAX_QUESTIONS) return
      yield { validHost: question.host, originalRequest: question, messageResponse: this.#answer(question.messageRequest) }
    }
  }

  #answer(question: ServerReflectionRequest['messageRequest']): Answer {
    switch (question.case) {
      case 'listServices':
        return { case: 'listServicesResponse', value: { service: this.#services.map(({ typeName }) => ({ name: typeName })) } }
      case 'fileByFilename':
        return fileAnswer(this.#files.get(question.value), `the file ${question.value}`)
      case 'fileContainingSymbol':
        return fileAnswer(this.#symbols.get(question.value), `the symbol ${question.value}`)
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = question.value
        return fileAnswer(this.#extensions.get(containingType)?.get(extensionNumber), `the extension ${extensionNumber} of ${containingType}`)
      }
      case 'allExtensionNumbersOfType': {
        const numbers = [...(this.#extensions.get(question.value)?.keys() ?? [])]
        return { case: 'allExtensionNumbersResponse', value: { baseTypeName: question.value, extensionNumber: numbers } }
      }
      case undefined:
        return { case: 'errorResponse', value: { errorCode: Code.InvalidArgument, errorMessage: 'The request asks nothing.' } }
    }
  }

  #index(file: DescFile): void {
    for (const type of nestedTypes(file)) {
      this.#symbols.set(type.typeName, file)
      if (type.kind === 'service') for (const method of type.methods) this.#symbols.set(`${type.typeName}.${method.name}`, file)
      if (type.kind !== 'extension') continue
      const extendee = type.extendee.typeName
      const numbers = this.#extensions.get(extendee) ?? new Map<number, DescFile>()
      this.#extensions.set(extendee, numbers.set(type.number, file))
    }
  }
}

/** The file and those that it imports: a tool would ask for each of them next. */
function fileAnswer(file: DescFile | undefined, what: string): Answer {
  if (file === undefined) return { case: 'errorResponse', value: { errorCode: Code.NotFound, errorMessage: `There is no descriptor of ${what.slice(0, 256)}.` } }
  const found = new Map<string, DescFile>()
  const take = (wanted: DescFile): void => {
    if (found.has(wanted.name)) return
    found.set(wanted.name, wanted)
    wanted.dependencies.forEach(take)
  }
  take(file)
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto: [...found.values()].map(encodedFile) } }
}
