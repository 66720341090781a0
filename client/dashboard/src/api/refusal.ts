import { graphql } from "./graphql.ts";

/** What every mutation answers when it did nothing; `mutate` makes a UserError of it. */
graphql(`
  fragment Refusal on Error {
    message
    ... on InvalidInputError {
      issues {
        path
        message
      }
    }
  }
`);
