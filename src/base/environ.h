#pragma once
/*
 * First thing in every main(): takes away environment variables by which others could steer the libraries
 * below us into writing secrets to a file, loading code, or resolving names elsewhere.
 */
void environ_scrub(void);
