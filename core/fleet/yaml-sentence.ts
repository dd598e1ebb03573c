import type { ErrorCode } from 'yaml';

/** What is amiss in a file that is no YAML, by the parser's code: what was expected, what was found. */
const SENTENCES: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) alone, found a tag or an anchor with it',
  BAD_ALIAS: 'a name after "*" or "&", found none, or one that ends in ":"',
  BAD_COLLECTION_TYPE: 'a value that its tag fits, found another kind',
  BAD_DIRECTIVE: 'a directive such as %YAML 1.2, found another',
  BAD_DQ_ESCAPE: 'an escape such as \\n or \\" within double quotes, found another',
  BAD_INDENT:
    'the indentation of its neighbours, or a closing bracket or brace before it, found neither',
  BAD_PROP_ORDER: 'anchors and tags after the "-", "?" or ":", found them before it',
  BAD_SCALAR_START: 'a text, found a character that none may begin with; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value on this line, found a mapping or a list that needs its own',
  BLOCK_IN_FLOW: 'values by {} and [] within these, found ones by indentation',
  DUPLICATE_KEY: 'each key once, found it again',
  IMPOSSIBLE: 'what YAML allows here, found something else',
  KEY_OVER_1024_CHARS: 'a key of at most 1024 characters, found a longer one',
  MISSING_CHAR: 'a closing bracket, brace or quote, a comma, a colon or a space, found none',
  MULTILINE_IMPLICIT_KEY: 'a key on one line, found one over several; a ":" may be missing',
  MULTIPLE_ANCHORS: 'one anchor, found several',
  MULTIPLE_DOCS: 'one document, found another after "---"',
  MULTIPLE_TAGS: 'one tag, found several',
  NON_STRING_KEY: 'a text as key, found something else',
  RESOURCE_EXHAUSTION: 'less of it: fewer levels or aliases, found too many',
  TAB_AS_INDENT: 'spaces, found a tab',
  TAG_RESOLVE_FAILED: 'a value that its tag fits, found another',
  UNEXPECTED_TOKEN: 'a key or a value, found a character that belongs elsewhere',
};

export function yamlSentence(code: ErrorCode): string {
  return `expected YAML: ${SENTENCES[code]}`;
}
