"""Where everything durable lies: the tables, the database handle and the migrations of the schema."""
