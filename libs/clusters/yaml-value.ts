import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { quote } from '#libs/common';
import type { FileProblems } from './file-problems.js';

/** Of a list. */
const MOST_ITEMS = 1000;

interface Origin {
  problems: FileProblems;
  /** What each alias stands for. */
  targets: ReadonlyMap<Alias, Node>;
}

/**
 * A value of a YAML document that knows where it stands. What it is asked for and is not, it tells as a problem, and
 * gives something of that type all the same: so a file is read to its end, and what came of it is used only where there
 * was no problem. How deep and wide the reading goes, aliases included, is for those to say who ask: a value that is
 * not asked for costs nothing.
 */
export class YamlValue {
  private constructor(
    private readonly origin: Origin,
    /** Null where nothing is written behind the key; undefined where a problem has been told already. */
    private readonly node: Node | null | undefined,
    private readonly offset: number,
    readonly path: string,
  ) {}

  static ofDocument(document: Document.Parsed, problems: FileProblems): YamlValue {
    const origin = { problems, targets: aliasTargets(document) };
    return new YamlValue(origin, document.contents, document.contents?.range[0] ?? 0, '');
  }

  problem(what: string): void {
    this.origin.problems.add(this.offset, this.path, what);
  }

  /** @param keys that it may have; null: any */
  mapping(keys: readonly string[] | null): YamlMapping {
    const values = new Map<string, YamlValue>();
    const node = this.target();
    if (isMap(node)) {
      for (const { key, value } of node.items) this.addItem(values, keys, key as Node | null, value as Node | null);
      return new YamlMapping(this, values, true);
    }
    if (node === undefined) return new YamlMapping(this, values, false);
    if (isNothing(node)) return new YamlMapping(this, values, true);
    this.problem(`is ${kindOf(node)}; it takes ${keys === null ? 'keys and values' : `the keys ${keys.join(', ')}`}.`);
    return new YamlMapping(this, values, false);
  }

  /**
   * @param takes what it takes, for the message
   * @param least how many items it has to have
   */
  list(takes: string, least: 0 | 1 = 0): YamlValue[] {
    const node = this.target();
    if (node === undefined) return [];
    if (isNothing(node) || (isSeq(node) && node.items.length === 0)) {
      if (least > 0) this.problem(`is empty; it takes a list of ${takes}.`);
      return [];
    }
    if (!isSeq(node)) {
      this.problem(`is ${kindOf(node)}; it takes a list of ${takes}.`);
      return [];
    }
    if (node.items.length > MOST_ITEMS) {
      this.problem(`has ${node.items.length} items; it takes at most ${MOST_ITEMS}.`);
      return [];
    }
    return node.items.map((item, index) => this.below(item as Node | null, this.offset, `[${index}]`));
  }

  /**
   * Text that is not empty and has no NUL.
   * @param takes what it takes, for the message
   * @param check on the text: what is wrong with it, null where nothing is
   */
  text(takes: string, check: (text: string) => string | null = () => null): string {
    const node = this.target();
    if (node === undefined) return '';
    const value = isScalar(node) ? node.value : node;
    if (typeof value !== 'string') {
      this.problem(isNothing(node) ? `is empty; it takes ${takes}.` : `is ${kindOf(node)}; it takes ${takes}.`);
      return '';
    }
    const wrong = value === '' ? 'is empty' : value.includes('\0') ? 'has a NUL in it' : check(value);
    if (wrong !== null) this.problem(`${wrong}; it takes ${takes}.`);
    return value;
  }

  /** One that is not there, and whose absence has been told. */
  missing(path: string): YamlValue {
    return new YamlValue(this.origin, undefined, this.offset, path);
  }

  private addItem(
    values: Map<string, YamlValue>,
    keys: readonly string[] | null,
    keyNode: Node | null,
    valueNode: Node | null,
  ): void {
    const keyOffset = keyNode?.range?.[0] ?? this.offset;
    const key = isScalar(keyNode) ? keyNode.value : undefined;
    if (typeof key !== 'string') {
      this.below(null, keyOffset, '').problem('has a key that is no text.');
      return;
    }
    const shown = /^[\w-]+$/.test(key) ? key : quote(key);
    const path = this.path === '' ? shown : `.${shown}`;
    const atKey = this.below(null, keyOffset, path);
    if (keys !== null && !keys.includes(key)) {
      atKey.problem(`is not known here; known are ${keys.join(', ')}.`);
    } else if (values.has(key)) {
      atKey.problem('is given twice; it may be given once.');
    } else {
      values.set(key, this.below(valueNode, keyOffset, path));
    }
  }

  private below(node: Node | null, otherwise: number, path: string): YamlValue {
    return new YamlValue(this.origin, node, node?.range?.[0] ?? otherwise, this.path + path);
  }

  /** What an alias stands for, else the node itself. */
  private target(): Node | null | undefined {
    if (!isAlias(this.node)) return this.node;
    const target = this.origin.targets.get(this.node);
    if (target === undefined)
      this.problem(`*${this.node.source} stands for nothing: no &${this.node.source} before it.`);
    return target;
  }
}

/** The keys of a mapping that are known, each once. What is no mapping has been told, and is not told again for each key. */
export class YamlMapping {
  constructor(
    private readonly value: YamlValue,
    private readonly values: ReadonlyMap<string, YamlValue>,
    private readonly isMapping: boolean,
  ) {}

  get(key: string): YamlValue | undefined {
    return this.values.get(key);
  }

  /** @param takes what it takes, for the message where it is not there */
  needed(key: string, takes: string): YamlValue {
    const value = this.values.get(key);
    if (value !== undefined) return value;
    const missing = this.value.missing(this.value.path === '' ? key : `${this.value.path}.${key}`);
    if (this.isMapping) missing.problem(`is missing; it takes ${takes}.`);
    return missing;
  }

  problem(what: string): void {
    if (this.isMapping) this.value.problem(what);
  }

  entries(): IterableIterator<[string, YamlValue]> {
    return this.values.entries();
  }
}

/** As an alias means the last anchor of its name before it; yaml's own look-up goes through the document for each. */
function aliasTargets(document: Document.Parsed): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function kindOf(node: Node | null): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'empty';
  if (typeof node.value === 'string') return `the text ${quote(node.value)}`;
  return `${node.source ?? JSON.stringify(node.value)}, which is text only in quotes`;
}
