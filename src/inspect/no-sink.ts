export { NO_SINK } from '../rdb/no-sink.js';
