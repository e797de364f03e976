// The grammar of .nn files. Parser.cpp drives it, Build*.cpp turn its trees into the AST.
//
// Newlines mean nothing, but for one rule: a '(' or '[' that begins a line never continues the
// expression before it, so that a tuple may end a block. The scanner (Lexing.cpp) tells the two
// apart: CALL_PAREN and INDEX_BRACKET continue an operand, LPAREN and LBRACKET begin one. With that
// the grammar needs two tokens of lookahead at most, and no predicates.
//
// The rules are looser than the language where that makes a better message: which items of a block
// are statements and which one is its value, say, is settled by the builder.
grammar Nn;

// Tokens that the scanner makes of '(', '[' and a name.
tokens { CALL_PAREN, INDEX_BRACKET, EVERY }

@parser::members {
/// `'('` for LPAREN; empty for tokens without a fixed text.
static std::string literalName(size_t type) { return _vocabulary.getLiteralName(type); }
}

// --- Declarations -------------------------------------------------------------------------------

file : declaration* EOF ;

declaration
  : importDeclaration
  | fnDeclaration
  | layerDeclaration
  | modelDeclaration
  | optimizerDeclaration
  | scheduleDeclaration
  | dataDeclaration
  | trainDeclaration
  ;

importDeclaration : IMPORT STRING ;

fnDeclaration : FN NAME parameterList results? body ;

// One list: the inputs. Two lists: what is settled at compile time, then the inputs.
layerDeclaration : LAYER NAME parameterList parameterList? results? body ;

modelDeclaration : MODEL NAME parameterList parameterList? results? body ;

optimizerDeclaration : OPTIMIZER NAME parameterList body ;

scheduleDeclaration : SCHEDULE NAME parameterList results? body ;

parameterList : (LPAREN | CALL_PAREN) (parameter (COMMA parameter)* COMMA?)? RPAREN ;

parameter : NAME (COLON type)? (ASSIGN expression)? ;

results : ARROW (result | LPAREN result (COMMA result)* COMMA? RPAREN) ;

result : (NAME COLON)? type ;

body : block | ASSIGN expression ;

type : NAME ((LBRACKET | INDEX_BRACKET) (dimension (COMMA dimension)* COMMA?)? RBRACKET)? ;

dimension : ELLIPSIS NAME | operation ;

// --- Data sets and recipes ----------------------------------------------------------------------

dataDeclaration : DATA NAME ASSIGN NAME LBRACE (dataItem COMMA?)* RBRACE ;

dataItem : dataField | dataSplit ;

dataField : NAME COLON type (IN operation DOTDOT operation)? ;

dataSplit : (NAME | TRAIN) LBRACE (dataFile COMMA?)* RBRACE ;

dataFile : NAME COLON STRING ;

trainDeclaration : TRAIN NAME LBRACE setting* RBRACE ;

setting : settingKey EVERY? entry furtherEntry* bindings? ;

// Some settings are named like declarations.
settingKey : NAME | DATA | OPTIMIZER | SCHEDULE ;

entry : (NAME ASSIGN)? expression (FOR selector)? ;

// `batch 32 epochs 5` are two settings: an entry that is not the first must show that it is one.
furtherEntry : NAME ASSIGN expression (FOR selector)? | NAME arguments? FOR selector ;

selector : STRING | NAME ;

bindings : AS LPAREN NAME (COMMA NAME)* COMMA? RPAREN ;

// --- Statements ---------------------------------------------------------------------------------

block : LBRACE (item | SEMICOLON)* RBRACE ;

item
  : letStatement
  | paramStatement
  | stateStatement
  | forStatement
  | assignStatement
  | expression
  ;

letStatement
  : LET (NAME | LPAREN NAME (COMMA NAME)* COMMA? RPAREN) (COLON type)? ASSIGN expression
  ;

paramStatement : (PARAM | BUFFER) NAME COLON type ASSIGN expression ;

stateStatement : STATE stateEntry (COMMA stateEntry)* ;

stateEntry : NAME ASSIGN expression ;

forStatement : FOR NAME IN operation DOTDOT operation block ;

assignStatement : NAME ASSIGN expression ;

// --- Expressions --------------------------------------------------------------------------------

expression : operation (PIPE stage)* ;

stage : (REPEAT LPAREN expression RPAREN)? NAME arguments? ;

// From the tightest to the loosest.
operation
  : primary                                                 # primaryOperation
  | operation arguments                                     # call
  | operation INDEX_BRACKET index (COMMA index)* COMMA? RBRACKET                # indexing
  | operation AS NAME                                       # cast
  | <assoc = right> operation POWER operation               # binary
  | (MINUS | NOT) operation                                 # unary
  | operation (STAR | SLASH | PERCENT | AT) operation       # binary
  | operation (PLUS | MINUS) operation                      # binary
  | operation (EQUAL | NOT_EQUAL | LESS | LESS_EQUAL | GREATER | GREATER_EQUAL)
      operation                                             # binary
  | operation AND operation                                 # binary
  | operation OR operation                                  # binary
  ;

arguments : CALL_PAREN (argument (COMMA argument)* COMMA?)? RPAREN ;

argument : (NAME COLON)? expression ;

index : COLON | DOTDOT operation? | expression (DOTDOT operation?)? ;

primary
  : INTEGER
  | FLOAT
  | STRING
  | TRUE
  | FALSE
  | NAME
  | PARAM // the parameter that an optimizer updates
  | LPAREN expression ((COMMA expression)+ COMMA?)? RPAREN
  | LBRACKET (expression (COMMA expression)* COMMA?)? RBRACKET
  | conditional
  ;

conditional : IF expression block (ELSE IF expression block)* (ELSE block)? ;

// --- Tokens -------------------------------------------------------------------------------------

IMPORT : 'import' ;
FN : 'fn' ;
LAYER : 'layer' ;
MODEL : 'model' ;
OPTIMIZER : 'optimizer' ;
SCHEDULE : 'schedule' ;
DATA : 'data' ;
TRAIN : 'train' ;
LET : 'let' ;
PARAM : 'param' ;
BUFFER : 'buffer' ;
STATE : 'state' ;
FOR : 'for' ;
IN : 'in' ;
IF : 'if' ;
ELSE : 'else' ;
TRUE : 'true' ;
FALSE : 'false' ;
REPEAT : 'repeat' ;
AS : 'as' ;

// Words of later versions: no rule takes them.
RESERVED : 'scan' | 'yield' | 'while' ;

LPAREN : '(' ;
RPAREN : ')' ;
LBRACKET : '[' ;
RBRACKET : ']' ;
LBRACE : '{' ;
RBRACE : '}' ;
COMMA : ',' ;
SEMICOLON : ';' ;
COLON : ':' ;
ASSIGN : '=' ;
ARROW : '->' ;
PIPE : '|>' ;
ELLIPSIS : '...' ;
DOTDOT : '..' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
SLASH : '/' ;
PERCENT : '%' ;
AT : '@' ;
POWER : '^' ;
NOT : '!' ;
EQUAL : '==' ;
NOT_EQUAL : '!=' ;
LESS : '<' ;
LESS_EQUAL : '<=' ;
GREATER : '>' ;
GREATER_EQUAL : '>=' ;
AND : '&&' ;
OR : '||' ;

INTEGER : DIGITS ;
FLOAT : DIGITS '.' DIGITS EXPONENT? | DIGITS EXPONENT ;
// `3x`, `1e`: one token, so that it is one error.
BAD_NUMBER : DIGITS ('.' DIGITS)? [A-Za-z_] [A-Za-z0-9_]* ;

NAME : [A-Za-z_] [A-Za-z0-9_]* ;

STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;
// Not closed: it ends with its line.
BAD_STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? ;

COMMENT : '//' ~[\r\n]* -> channel(HIDDEN) ;
SPACE : [ \t\r\n\f]+ -> skip ;
BAD_CHARACTER : . ;

fragment DIGITS : [0-9]+ ;
fragment EXPONENT : [eE] [+-]? [0-9]+ ;
