export type { ArchiveConfiguration } from './archive-configuration.js';
export {
  ADMIN_BASE,
  API_BASE,
  type Answers,
  ApiAnswers,
  ApiErrors,
  ApiListAnswers,
  type HeaderDocumentation,
  JSON_MEDIA_TYPE,
  type JsonSchema,
  KEY_HEADERS,
  NDJSON_MEDIA_TYPE,
  PROBLEM_SCHEMA_NAME,
  REQUEST_ID_HEADER,
  SECURITY_SCHEMES,
} from './api-answers.js';
export { type Configuration, ConfigurationError, loadDotEnv, readConfiguration } from './configuration.js';
export { durationMs } from './duration.js';
export type { ExposureConfiguration, TlsFiles } from './exposure-configuration.js';
export { type FieldError, fieldError, isFieldError } from './field-error.js';
export type { LimitsConfiguration } from './limits-configuration.js';
export type { LifecycleConfiguration } from './lifecycle-configuration.js';
export { isoInstant } from './iso-instant.js';
export { LoggerModule } from './logger.module.js';
export { createLogger, NestLogger } from './logging.js';
export { nextLink } from './next-link.js';
export {
  ambiguous,
  badRequest,
  conflict,
  contentTooLarge,
  forbidden,
  methodNotAllowed,
  notFound,
  Problem,
  PROBLEM_MEDIA_TYPE,
  tooManyRequests,
  unauthorized,
} from './problem.js';
export { OutageDetector, ProblemFilter, sendProblem } from './problem.filter.js';
export { readBody, readUtf8 } from './request-body.js';
export { LimitParameter } from './limit-parameter.js';
export { QueryParameter, singleValues, TEXT_PATTERN } from './query-parameters.js';
export { QueueLengths, QUEUES, type QueueName } from './queue-lengths.js';
export { QueryPipe, RawQuery } from './query.pipe.js';
export { requestContext } from './request-context.js';
export { LEAN_NODE_OPTIONS } from './lean-node.js';
export { countShortLivedBytes } from './short-lived-bytes.js';
export { LOGGER } from './tokens.js';
export { decodePairs, type Pairs, quote } from './url-encoding.js';
export { clockworkVersion } from './version.js';
export { Turns } from './turns.js';
