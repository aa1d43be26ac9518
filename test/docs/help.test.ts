import { expect, it } from 'vitest';
import { main } from '../../src/main.js';
import { silentIo } from '../helpers/silent-io.js';

/** What `--help` prints on a terminal of 80 columns. */
async function helpOf(...command: readonly string[]): Promise<string> {
  const parts: string[] = [];
  const stdout = { write: (text: string) => void parts.push(text), isTTY: false, color: false, columns: 80 };
  expect(await main([...command, '--help'], silentIo(stdout))).toBe(0);
  return `\n${parts.join('')}`;
}

it('explains crew', async () => {
  expect(await helpOf()).toMatchInlineSnapshot(`
    "
    Usage: crew [options] [command]

    Runs crews of LLM agents written in one YAML file.

    Options:
      -V, --version                  print the version
      --no-color                     no colours (also: NO_COLOR)
      -h, --help                     display help for command

    Commands:
      kickoff [options] [file]       run a crew and print its final output
      chat [options] [file]          talk to a crew: a model asks for its inputs,
                                     runs it and answers questions
      resume [options] [run]         go on with a run where it stopped; nothing that
                                     was answered is asked again
      answer [options] [run]         answer what a run asks a person, and go on with
                                     it; without an answer, show the questions
      replay [options]               run a task of an earlier run again, and what
                                     follows; earlier outputs are reused
      runs [options]                 list the runs, newest first
      show [options] [run]           show what happened in a run: tasks,
                                     delegations, calls
      log-tasks-outputs [options]    show the outputs of the tasks of a run in full
      validate [options] [files...]  check definitions without running them
      schema [options]               print the JSON Schema of a definition, for
                                     editors
      tools [options] [name]         list the tools that agents can have
      init [options] [file]          write a crew to start from, and its schema for
                                     editors
      trust [options] [file]         agree to what a definition does beside calling
                                     models: its code, programs and the like
      serve [options] [files...]     offer crews as tools to other programs; ends
                                     when they hang up
      reset [options]                delete all runs with their outputs and steps
      help [command]                 display help for command

    Exit codes:
        0  done
        1  a task failed
        2  bad usage or bad definition; nothing was run
        3  a guardrail or an output schema was never met
        4  a limit was reached; state saved
        5  an answer of a person is needed and there is no terminal; state saved
        6  the model provider refused or cannot be reached; state saved
       70  a bug in crew
      130  interrupted; state saved
      143  terminated; state saved
    "
  `);
});

it('explains kickoff', async () => {
  expect(await helpOf('kickoff')).toMatchInlineSnapshot(`
    "
    Usage: crew kickoff [options] [file]

    run a crew and print its final output

    Arguments:
      file                      definition (default: crew.yaml or crew.jsonc, here
                                or in crew/)

    Options:
      -i, --input <name=value>  an input; name=@file for the text of a file
                                (repeatable)
      --inputs <file>           inputs from a YAML or JSON file, or - for stdin
      --for-each <file>         a run for each item of a .jsonl, .csv, .yaml or
                                .json file, or - for JSON Lines from stdin;
                                --concurrency items at once (default: 4)
      --format <format>         output format (choices: "text", "json", "jsonl",
                                default: "text")
      --budget <usd>            most that the run may cost, in US dollars
      --timeout <time>          most time that the run may take, such as 90s or 15m
      --concurrency <n>         most tasks at work at the same time (default: 10)
      --record <file>           write what the models answered to this cassette
      --cassette <file>         answer model calls from this cassette: offline,
                                without a key
      --cassette-mode <mode>    what to do when a request has changed: stop (strict,
                                the default), or go on and warn (choices: "strict",
                                "lenient")
      --trust                   let the definition run its code and programs, and
                                remember that (also: CREW_TRUST=1)
      --allow-shell             the same for shell guardrails only
      --answers <file>          what a person would say, by task, from a YAML or
                                JSON file; then nobody is asked
      --allow-outside           let files of tasks lie outside the working directory
      --db <file>               database file (default: $CREW_DB, else the nearest
                                .crew/crew.db)
      --stream                  print the text of the final task as it comes
      -q, --quiet               no progress, only the result and errors
      -v, --verbose             show answers, arguments and tool results in full
      --no-color                no colours (also: NO_COLOR)
      -h, --help                display help for command
    "
  `);
});

it('explains runs', async () => {
  expect(await helpOf('runs')).toMatchInlineSnapshot(`
    "
    Usage: crew runs [options] [command]

    list the runs, newest first

    Options:
      --status <status>  only runs with this status (choices: "running",
                         "completed", "failed", "interrupted", "needs_input")
      --crew <name>      only runs of this crew
      -n, --limit <n>    show at most this many (default: 20)
      --format <format>  output format (choices: "text", "json", default: "text")
      --db <file>        database file (default: $CREW_DB, else the nearest
                         .crew/crew.db)
      --no-color         no colours (also: NO_COLOR)
      -h, --help         display help for command

    Commands:
      prune [options]    delete old runs with their steps; never one that is under
                         way
    "
  `);
});

it('explains show', async () => {
  expect(await helpOf('show')).toMatchInlineSnapshot(`
    "
    Usage: crew show [options] [run]

    show what happened in a run: tasks, delegations, calls

    Arguments:
      run                id of a run, or its beginning (default: the latest)

    Options:
      --steps            with the prompts and answers of every step
      --format <format>  output format (choices: "text", "json", default: "text")
      --db <file>        database file (default: $CREW_DB, else the nearest
                         .crew/crew.db)
      --no-color         no colours (also: NO_COLOR)
      -h, --help         display help for command
    "
  `);
});

it('explains log-tasks-outputs', async () => {
  expect(await helpOf('log-tasks-outputs')).toMatchInlineSnapshot(`
    "
    Usage: crew log-tasks-outputs [options]

    show the outputs of the tasks of a run in full

    Options:
      --run <id>           id of a run, or its beginning (default: the latest)
      --all                of all runs, newest first
      -t, --task <task>    only this task: its key, its number or <run>/<key>
      --search <words...>  only outputs with all these words, each whole or begun;
                           of all runs
      -n, --limit <n>      with --search: show at most this many (default: 20)
      --brief              one line for each task
      --format <format>    output format (choices: "text", "json", default: "text")
      --db <file>          database file (default: $CREW_DB, else the nearest
                           .crew/crew.db)
      --no-color           no colours (also: NO_COLOR)
      -h, --help           display help for command
    "
  `);
});

it('explains validate', async () => {
  expect(await helpOf('validate')).toMatchInlineSnapshot(`
    "
    Usage: crew validate [options] [files...]

    check definitions without running them

    Arguments:
      files              definitions (default: crew.yaml or crew.jsonc, here or in
                         crew/)

    Options:
      --format <format>  output format (choices: "text", "json", default: "text")
      --no-color         no colours (also: NO_COLOR)
      -h, --help         display help for command
    "
  `);
});

it('explains schema', async () => {
  expect(await helpOf('schema')).toMatchInlineSnapshot(`
    "
    Usage: crew schema [options]

    print the JSON Schema of a definition, for editors

    Options:
      --prompts          print the texts of the prompts instead, as a file for
                         prompt_file
      --format <format>  output format (choices: "text", "json", default: "text")
      --no-color         no colours (also: NO_COLOR)
      -h, --help         display help for command
    "
  `);
});

it('explains init', async () => {
  expect(await helpOf('init')).toMatchInlineSnapshot(`
    "
    Usage: crew init [options] [file]

    write a crew to start from, and its schema for editors

    Arguments:
      file            where to write it (default: "crew.yaml")

    Options:
      --hierarchical  with a manager that delegates
      --tool [file]   instead, write a tool of your own and its test (default:
                      tools/example.ts)
      --no-color      no colours (also: NO_COLOR)
      -h, --help      display help for command
    "
  `);
});

it('explains reset', async () => {
  expect(await helpOf('reset')).toMatchInlineSnapshot(`
    "
    Usage: crew reset [options]

    delete all runs with their outputs and steps

    Options:
      -y, --yes    do not ask
      --cache      delete only the results of tools that are kept for later runs
      --db <file>  database file (default: $CREW_DB, else the nearest .crew/crew.db)
      --no-color   no colours (also: NO_COLOR)
      -h, --help   display help for command
    "
  `);
});

it('explains tools', async () => {
  expect(await helpOf('tools')).toMatchInlineSnapshot(`
    "
    Usage: crew tools [options] [command] [name]

    list the tools that agents can have

    Arguments:
      name                                  a tool to show in full, or a definition
                                            whose tools are listed too

    Options:
      --file <file>                         definition (default: crew.yaml or
                                            crew.jsonc, here or in crew/, if there
                                            is one)
      --all                                 load the crew's own tools and connect to
                                            its MCP servers, to list what they offer
      --trust                               let the definition run its code and
                                            programs, and remember that (also:
                                            CREW_TRUST=1)
      --format <format>                     output format (choices: "text", "json",
                                            default: "text")
      --no-color                            no colours (also: NO_COLOR)
      -h, --help                            display help for command

    Commands:
      call [options] <name> [arguments...]  try a tool without a model, and print
                                            its result
    "
  `);
});

it('explains tools call', async () => {
  expect(await helpOf('tools', 'call')).toMatchInlineSnapshot(`
    "
    Usage: crew tools call [options] <name> [arguments...]

    try a tool without a model, and print its result

    Arguments:
      name                as under the tools of an agent: read_file,
                          ./tools/price.ts#lookup, mcp:server/tool
      arguments           name=value; a list is given one by one or as JSON

    Options:
      --input <json>      more arguments, as a JSON object
      --set <name=value>  a setting of the tool, as YAML (repeatable)
      --file <file>       definition (default: crew.yaml or crew.jsonc, here or in
                          crew/, if there is one)
      --trust             let the definition run its code and programs, and remember
                          that (also: CREW_TRUST=1)
      --format <format>   output format (choices: "text", "json", default: "text")
      --no-color          no colours (also: NO_COLOR)
      -h, --help          display help for command
    "
  `);
});
