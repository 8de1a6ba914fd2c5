// @ts-check
// The lines that tell awscli and boto3 of this server.

const PROFILE = 'plumbline';
const REGION = 'us-east-1';

/** Words of a shell, quoted where a shell would read more out of them. @param {string} text */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * The lines of a script, in the order they are used.
 * @param {string} origin of this server @param {{access_key_id: string, secret_access_key: string}}
 *  key @returns {{name: string, line: string}[]}
 */
export function awsLines(origin, key) {
  const set = (/** @type {string} */ name, /** @type {string} */ value) =>
    `aws configure set ${name} ${quoted(value)} --profile ${PROFILE}`;
  return [
    { name: 'keyLine', line: set('aws_access_key_id', key.access_key_id) },
    { name: 'secretLine', line: set('aws_secret_access_key', key.secret_access_key) },
    { name: 'cliLine', line: `aws --profile ${PROFILE} --region ${REGION} --endpoint-url ${origin} `
      + 'sagemaker list-labeling-jobs' },
    { name: 'botoLine', line: `boto3.Session(profile_name="${PROFILE}").client("sagemaker", `
      + `endpoint_url="${origin}", region_name="${REGION}")` },
  ];
}
