/** The descriptors of everything that is served, for tools that ask for them. */
import { create, toBinary, type DescFile, type DescService } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'

/** The files of these services, each behind those that it imports. */
export function filesOf(services: readonly DescService[]): readonly DescFile[] {
  const files = new Map<string, DescFile>()
  const take = (file: DescFile): void => {
    if (files.has(file.name)) return
    for (const dependency of file.dependencies) take(dependency)
    files.set(file.name, file)
  }
  for (const { file } of services) take(file)
  return [...files.values()]
}

/** A serialized google.protobuf.FileDescriptorProto. */
export function encodedFile(file: DescFile): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file.proto)
}

/** A serialized google.protobuf.FileDescriptorSet. */
export function encodedSet(files: readonly DescFile[]): Uint8Array {
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: files.map(({ proto }) => proto) }))
}
