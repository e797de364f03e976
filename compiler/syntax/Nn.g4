// The grammar of .nn files. Parser.cpp drives it, Build*.cpp turn its trees into the AST.
//
// Two passes in front of it make it simple: Lexing.cpp makes tokens, Lines.cpp settles which ends of
// lines end a statement (SEP, as ';' does) and which words begin a declaration there (FN, MODEL, ...;
// elsewhere they are names). What is left needs three tokens of lookahead at most, and no predicates.
//
// The rules are looser than the language where that makes a better message: which expression of a
// block is its value, say, is settled by the builder.
grammar Nn;

// Made by Lines.cpp of names, and of the '(' in `as index(n)`, which would otherwise be a call, too.
tokens { CAST_PAREN, IMPORT, FN, LAYER, MODEL, OPTIMIZER, DATA, TRAIN, GRADIENT }

@parser::members {
/// `'('` for LPAREN; empty for tokens without a fixed text.
static std::string literalName(size_t type) { return _vocabulary.getLiteralName(type); }
}

// --- Declarations -------------------------------------------------------------------------------

file : (declaration | SEP)* EOF ;

declaration
  : importDeclaration
  | letStatement
  | fnDeclaration
  | layerDeclaration
  | modelDeclaration
  | optimizerDeclaration
  | dataDeclaration
  | trainDeclaration
  ;

importDeclaration : IMPORT STRING (AS NAME)? ;

fnDeclaration : FN NAME parameterList results? body gradientClause? ;

gradientClause : GRADIENT parameterList body ;

// One list: the inputs. Two lists: what is settled at compile time, then the inputs.
layerDeclaration : LAYER NAME parameterList parameterList? results? body ;

modelDeclaration : MODEL NAME parameterList parameterList? results? body ;

optimizerDeclaration : OPTIMIZER NAME parameterList parameterList body ;

parameterList : LPAREN (parameter (COMMA parameter)* COMMA?)? RPAREN ;

parameter : NAME (COLON type)? (ASSIGN expression)? ;

results : ARROW (result | LPAREN result (COMMA result)* COMMA? RPAREN) ;

result : (NAME COLON)? type ;

body : block | ASSIGN expression ;

type
  : NAME (LPAREN expression RPAREN)?
      (LBRACKET (dimension (COMMA dimension)* COMMA?)? RBRACKET)?
  | LBRACKET type RBRACKET
  ;

dimension : ELLIPSIS NAME | expression ;

// --- Data sets and recipes ----------------------------------------------------------------------

dataDeclaration : DATA NAME parameterList section ;

trainDeclaration : TRAIN trainedModel (COMMA trainedModel)* section ;

trainedModel : path arguments? ;

section : LBRACE entry? (SEP entry?)* RBRACE ;

entry
  : letStatement
  | NAME ASSIGN expression                                                      // a column
  | NAME NAME ASSIGN expression                                                 // `loss fit = e`
  | NAME NAME (namedArgument (COMMA namedArgument)*)? section                   // `step judge {`
  | NAME (argument (COMMA argument)*)? (FOR STRING (COMMA STRING)*)?            // `batch 32`
  ;

namedArgument : NAME COLON expression ;

// --- Statements ---------------------------------------------------------------------------------

block : LBRACE statement? (SEP statement?)* RBRACE ;

statement
  : letStatement
  | paramStatement
  | stateStatement
  | forStatement
  | yieldStatement
  | assignStatement
  | expression
  ;

letStatement : LET pattern (COLON type)? ASSIGN expression ;

pattern : NAME | LPAREN NAME (COMMA NAME)* COMMA? RPAREN ;

paramStatement : PARAM NAME COLON type ASSIGN expression ;

stateStatement : STATE NAME COLON type ASSIGN expression ;

forStatement : FOR pattern IN expression block ;

yieldStatement : YIELD expression ;

assignStatement : NAME ASSIGN expression ;

// --- Expressions --------------------------------------------------------------------------------

expression : operation (PIPE stage)* ;

stage : REPEAT LPAREN expression RPAREN stage | path arguments* ;

// From the tightest to the loosest.
operation
  : primary                                                 # primaryOperation
  | operation arguments                                     # call
  | operation LBRACKET index (COMMA index)* COMMA? RBRACKET # indexing
  | operation AS NAME (CAST_PAREN expression RPAREN)?       # cast
  | <assoc = right> operation POWER operation               # binary
  | MINUS operation                                         # unary
  | operation (STAR | SLASH | PERCENT | AT) operation       # binary
  | operation (PLUS | MINUS) operation                      # binary
  | operation DOTDOT operation                              # range
  | operation (EQUAL | NOT_EQUAL | LESS | LESS_EQUAL | GREATER | GREATER_EQUAL)
      operation                                             # binary
  | NOT operation                                           # unary
  | operation AND operation                                 # binary
  | operation OR operation                                  # binary
  ;

arguments : LPAREN (argument (COMMA argument)* COMMA?)? RPAREN ;

argument : (NAME COLON)? expression ;

index : COLON | ELLIPSIS | DOTDOT operation | expression DOTDOT? ;

primary
  : INTEGER
  | FLOAT
  | STRING
  | TRUE
  | FALSE
  | path
  | LPAREN expression ((COMMA expression)+ COMMA?)? RPAREN
  | LBRACKET (expression (COMMA expression)* COMMA?)? RBRACKET
  | conditional
  | scan
  ;

path : NAME (DOT NAME)* ;

conditional : IF expression block (ELSE IF expression block)* (ELSE block)? ;

// The first name is `over`, which is no reserved word.
scan : SCAN pattern IN expression (NAME NAME)? block ;

// --- Tokens -------------------------------------------------------------------------------------

LET : 'let' ;
PARAM : 'param' ;
STATE : 'state' ;
FOR : 'for' ;
YIELD : 'yield' ;
IF : 'if' ;
ELSE : 'else' ;
IN : 'in' ;
SCAN : 'scan' ;
REPEAT : 'repeat' ;
TRUE : 'true' ;
FALSE : 'false' ;
AS : 'as' ;
AND : 'and' ;
OR : 'or' ;
NOT : 'not' ;

LPAREN : '(' ;
RPAREN : ')' ;
LBRACKET : '[' ;
RBRACKET : ']' ;
LBRACE : '{' ;
RBRACE : '}' ;
COMMA : ',' ;
SEP : ';' ;
COLON : ':' ;
ASSIGN : '=' ;
ARROW : '->' ;
PIPE : '|>' ;
ELLIPSIS : '...' ;
DOTDOT : '..' ;
DOT : '.' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
SLASH : '/' ;
PERCENT : '%' ;
AT : '@' ;
POWER : '^' ;
EQUAL : '==' ;
NOT_EQUAL : '!=' ;
LESS : '<' ;
LESS_EQUAL : '<=' ;
GREATER : '>' ;
GREATER_EQUAL : '>=' ;

// Of version 0.1: reported, and read as `and`, `or`, `not`.
OLD_AND : '&&' ;
OLD_OR : '||' ;
OLD_NOT : '!' ;

INTEGER : DIGITS ;
FLOAT : DIGITS '.' DIGITS EXPONENT? | DIGITS EXPONENT ;
// `3x`, `1e`, `1_`: one token, so that it is one error.
BAD_NUMBER : DIGITS ('.' DIGITS)? [A-Za-z_] [A-Za-z0-9_]* ;

NAME : [A-Za-z_] [A-Za-z0-9_]* ;

STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;
// Not closed: it ends with its line.
BAD_STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? ;

COMMENT : '//' ~[\r\n]* -> channel(HIDDEN) ;
SPACE : [ \t\r\n\f]+ -> skip ;
BAD_CHARACTER : . ;

fragment DIGITS : [0-9] ('_'? [0-9])* ;
fragment EXPONENT : [eE] [+-]? [0-9]+ ;
