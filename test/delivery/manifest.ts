/** Kubernetes manifests, judged twice: by Kubernetes' schemas, and by its types, which also know which fields there are not. */
import { Deployment } from 'kubernetes-models/apps/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'

export interface Manifest { readonly apiVersion: string, readonly kind: string }

interface Kind {
  /** Where its interface is. */
  readonly from: string
  /** Throws with what the schema finds. */
  readonly validate: (manifest: Manifest) => void
}

const KINDS: Readonly<Record<string, Kind>> = {
  'apps/v1 Deployment': { from: 'kubernetes-models/apps/v1', validate: (manifest) => { new Deployment(manifest as never).validate() } },
  'networking.k8s.io/v1 NetworkPolicy': {
    from: 'kubernetes-models/networking.k8s.io/v1', validate: (manifest) => { new NetworkPolicy(manifest as never).validate() }
  },
  'v1 ConfigMap': { from: 'kubernetes-models/v1', validate: (manifest) => { new ConfigMap(manifest as never).validate() } },
  'v1 Service': { from: 'kubernetes-models/v1', validate: (manifest) => { new Service(manifest as never).validate() } }
}

export function manifestsIn (text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'))
    return document.toJS() as Manifest
  })
}

/** What the schemas find: fields missing, of a wrong type, out of range. */
export function schemaFaults (manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const kind = KINDS[`${manifest.apiVersion} ${manifest.kind}`]
    if (kind === undefined) return [`${manifest.apiVersion} ${manifest.kind}: not a kind of this project`]
    try {
      kind.validate(manifest)
      return []
    } catch (error) {
      return [`${manifest.kind}: ${String(error)}`]
    }
  })
}

/** What the types find beyond that: a field that Kubernetes does not know, which a schema lets pass. */
export function typeFaults (manifests: readonly Manifest[]): string[] {
  const source = manifests.map((manifest, i) => {
    const from = KINDS[`${manifest.apiVersion} ${manifest.kind}`]?.from ?? ''
    return `import type { I${manifest.kind} as Kind${i} } from '${from}'\n` +
      `export const manifest${i}: Kind${i} = ${JSON.stringify(manifest)}\n`
  }).join('')
  const name = `${import.meta.dirname}/manifests.generated.ts`
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler
  }
  const host = ts.createCompilerHost(options)
  const onDisk = { fileExists: host.fileExists.bind(host), getSourceFile: host.getSourceFile.bind(host) }
  host.fileExists = (file) => file === name || onDisk.fileExists(file)
  host.getSourceFile = (file, ...rest) => file === name
    ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023)
    : onDisk.getSourceFile(file, ...rest)
  return ts.getPreEmitDiagnostics(ts.createProgram([name], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
